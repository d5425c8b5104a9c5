"""What AWS's models demand of a request, for the operations that this simulator has, as data for its door.

    python3 tests/sim/constraints.py            # writes constraints/*.json anew; needs .ci/requirements.txt
    python3 tests/sim/constraints.py --check    # exits 1 when they are not what botocore's models say
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

import botocore
import botocore.session
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape

HERE = Path(__file__).resolve().parent
DATA = HERE / "constraints"

# A service as botocore calls it, and where its operations are written.
SERVICES = {
    "cloudtrail": "cloud_trail",
    "dynamodb": "tables",
    "dynamodbstreams": "tables",
    "events": "event_bus",
    "iam": "iam",
    "license-manager": "license_manager",
    "marketplace-agreement": "marketplace",
    "organizations": "organizations",
    "service-quotas": "service_quotas",
    "sns": "sns",
    "sqs": "sqs",
    "sts": "sts",
}

# Patterns that an engine without look-around cannot run, and others that match the same.
WITHOUT_LOOK_AROUND = {r"^(?!\s*$).+": r".*\S.*"}

# A member whose model is narrower than the service, and the list that says what it takes as well.
# API_ReceiveMessage, AttributeNames: a deprecated spelling of MessageSystemAttributeNames, modelled as names of queues'
# attributes, which SenderId and ApproximateReceiveCount are not.
WIDER = {("sqs", "ReceiveMessageRequest", "AttributeNames"): "MessageSystemAttributeList"}

Facts = dict[str, Any]


def facts(service: str) -> Facts:
    """Everything about one service that the door looks at."""
    model = botocore.session.Session().get_service_model(service)
    spelled = names_of_arms(SERVICES[service])
    answered = [name for name in model.operation_names if name in spelled]
    shapes: dict[str, Facts] = {}
    operations = {}
    for name in answered:
        shape = model.operation_model(name).input_shape
        operations[name] = shape.name if shape is not None else None
        if shape is not None:
            collect(shape, shapes)
    for (of, structure, member), other in WIDER.items():
        if of == service and structure in shapes:
            widen(model, shapes, structure, member, other)
    unanswered = [name for name in model.operation_names if name not in answered]
    return {"operations": operations, "shapes": dict(sorted(shapes.items())), "unanswered": unanswered}


def names_of_arms(module: str) -> set[str]:
    """An operation that is answered has an arm of a `match` with its name, somewhere in its service's source."""
    source = HERE / "src"
    files = [source / f"{module}.rs", *sorted((source / module).rglob("*.rs"))]
    return {name for file in files if file.is_file() for name in re.findall(r'"(\w+)"\s*(?:\||=>)', file.read_text())}


def collect(shape: Shape, shapes: dict[str, Facts]) -> None:
    """A shape and all that it is made of, by their names; a shape may be a part of itself."""
    if shape.name in shapes:
        return
    found: Facts = {"type": shape.type_name}
    shapes[shape.name] = found
    found |= {bound: shape.metadata[bound] for bound in ("min", "max") if bound in shape.metadata}
    if isinstance(shape, StringShape):
        if shape.enum:
            found["enum"] = shape.enum
        if pattern := shape.metadata.get("pattern"):
            found["pattern"] = pattern
            if pattern in WITHOUT_LOOK_AROUND:
                found["same"] = WITHOUT_LOOK_AROUND[pattern]
    elif isinstance(shape, ListShape):
        found["of"] = shape.member.name
        collect(shape.member, shapes)
    elif isinstance(shape, MapShape):
        found["key"], found["of"] = shape.key.name, shape.value.name
        collect(shape.key, shapes)
        collect(shape.value, shapes)
    elif isinstance(shape, StructureShape):
        named = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        found["members"] = {name: member.name for name, member in named.items()}
        if shape.required_members:
            found["required"] = [shape.members[name].serialization.get("name", name) for name in shape.required_members]
        for member in named.values():
            collect(member, shapes)


def widen(model: ServiceModel, shapes: dict[str, Facts], structure: str, member: str, other: str) -> None:
    """Lets a list of words take those of another list too."""
    narrow = model.shape_for(shapes[structure]["members"][member])
    also = model.shape_for(other)
    words = sorted({*narrow.member.enum, *also.member.enum})
    word, whole = f"{narrow.member.name}Or{also.member.name}", f"{narrow.name}Or{also.name}"
    shapes[word] = {"type": "string", "enum": words}
    shapes[whole] = {"type": "list", "of": word}
    shapes[structure]["members"][member] = whole


def written(known: Facts) -> str:
    """One line for each operation and each shape, so that a difference shows what it is about."""

    def lines(of: Facts) -> str:
        return ",\n".join(f"{compact(name)}:{compact(value)}" for name, value in of.items())

    parts = [
        f'"operations":{{\n{lines(known["operations"])}\n}}',
        f'"shapes":{{\n{lines(known["shapes"])}\n}}',
        f'"unanswered":{compact(known["unanswered"])}',
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def main() -> int:
    """Exit code 1 when something differs, or when the directory holds what no service has."""
    parser = argparse.ArgumentParser(description="What AWS's models demand of a request")
    parser.add_argument("--check", action="store_true", help="write nothing, and exit 1 when something would change")
    check = parser.parse_args().check
    wanted = {DATA / f"{service}.json": written(facts(service)) for service in SERVICES}
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text() != text]
    strange = [path for path in sorted(DATA.iterdir()) if path not in wanted]
    for path in strange:
        print(f"{path.relative_to(HERE)}: no service is called so")
    for path in stale:
        if check:
            print(f"{path.relative_to(HERE)}: not what botocore {botocore.__version__} says")
        else:
            path.write_text(wanted[path])
            print(f"{path.relative_to(HERE)}: written")
    return 1 if strange or (check and stale) else 0


if __name__ == "__main__":
    sys.exit(main())

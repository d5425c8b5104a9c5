"""Where two outcomes differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..shape import shown
from .player import REFUSED


@dataclass(frozen=True)
class Difference:
    """One place, and what each has there."""

    place: str
    kind: str
    moto: str
    simulator: str


NOTHING = "nothing"


def differences(moto: Any, simulator: Any, place: str = "") -> Iterator[Difference]:
    """Everything that is not the same in both."""
    if isinstance(moto, dict) and isinstance(simulator, dict):
        if REFUSED in moto or REFUSED in simulator:
            if moto != simulator:
                # Named by the codes: an operation may differ in more than one thing that is refused.
                words = [str(outcome.get(REFUSED, "answer")) for outcome in (moto, simulator)]
                yield Difference(" / ".join(words), "refusal", _said(moto), _said(simulator))
            return
        for name in sorted(moto.keys() | simulator.keys()):
            where = f"{place}.{name}" if place else name
            if name not in simulator:
                yield Difference(where, "only moto", shown(moto[name]), NOTHING)
            elif name not in moto:
                yield Difference(where, "only simulator", NOTHING, shown(simulator[name]))
            else:
                yield from differences(moto[name], simulator[name], where)
    elif isinstance(moto, list) and isinstance(simulator, list):
        if len(moto) != len(simulator):
            yield Difference(f"{place}[]", "number", shown(moto), shown(simulator))
            return
        for one, other in zip(moto, simulator, strict=True):
            yield from differences(one, other, f"{place}[]")
    elif moto != simulator:
        yield Difference(place, "value", shown(moto), shown(simulator))


def _said(outcome: dict[str, Any]) -> str:
    return f"{outcome[REFUSED]} ({outcome['status']})" if REFUSED in outcome else "an answer"

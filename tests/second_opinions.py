"""Second opinions on the pretend AWS, from those who have never seen its source.

*judges*: those who judge are shown faults, and have to find them.
*models*: every answer of `grantctl sim` is held against botocore's model of the operation, and every request that a
model forbids has to be refused.
*moto*: the same scripts are played in moto, and what it answers otherwise is known, with the reason.
*adapters*: the built functions work with moto's Organizations, STS, SQS, EventBridge and DynamoDB.

    python3 tests/second_opinions.py [--binaries target/debug] [models ...]      # needs .ci/requirements.txt
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from second_opinions import judges, models
from second_opinions.adapters import story as adapters
from second_opinions.comparison import play as comparison
from second_opinions.simulator import forget_the_person

BINARIES = ("grantctl", "distribute-grants", "accept-grants")
OPINIONS: dict[str, Callable[[Path], bool]] = {
    "judges": judges.run,
    "models": models.run,
    "moto": comparison.run,
    "adapters": adapters.run,
}


def main() -> int:
    """Exit code 0 when nobody has anything to find fault with, 1 otherwise."""
    top = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description="Second opinions on the pretend AWS")
    built = Path(os.environ.get("CARGO_TARGET_DIR", top / "target")) / "debug"
    parser.add_argument("--binaries", type=Path, default=built, help="where cargo put them (default: %(default)s)")
    # argparse holds the empty list, too, against the choices.
    parser.add_argument("opinions", nargs="*", choices=[[], *OPINIONS], help="all of them when none is named")
    arguments = parser.parse_args()
    binaries = arguments.binaries.resolve()
    missing = [name for name in BINARIES if not (binaries / name).is_file()]
    if missing:
        print(f"{binaries} has no {', '.join(missing)}: cargo build " + " ".join(f"-p {name}" for name in missing))
        return 1
    forget_the_person()
    # By way of an exception, so that every process of ours is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    asked = arguments.opinions or list(OPINIONS)
    content = [name for name in asked if hear(name, binaries)]
    print(f"{len(content)} of {len(asked)} have nothing to find fault with")
    return 0 if content == asked else 1


def hear(name: str, binaries: Path) -> bool:
    """One opinion; whether it is a good one."""
    began = time.monotonic()
    print(f"--- {name} ---", flush=True)
    try:
        good = OPINIONS[name](binaries)
    except Exception as error:
        print(f"FINDING {type(error).__name__}: {error}")
        good = False
    print(f"{name}: {'ok' if good else 'FAILED'}, {time.monotonic() - began:.1f} s", flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main())

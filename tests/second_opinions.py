"""Second opinions on the pretend AWS, from those who have never seen its source.

*models*: every answer of `grantctl sim` is held against botocore's model of the operation, and every request that a
model forbids has to be refused.

    python3 tests/second_opinions.py [--binaries target/debug] [models ...]      # needs .ci/requirements.txt
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from second_opinions import models
from second_opinions.adapters import story as adapters
from second_opinions.comparison import play as comparison
from second_opinions.simulator import forget_the_person

OPINIONS: dict[str, Callable[[Path], bool]] = {"models": models.run, "moto": comparison.run, "adapters": adapters.run}


def main() -> int:
    """Exit code 0 when nobody has anything to find fault with, 1 otherwise."""
    top = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description="Second opinions on the pretend AWS")
    built = Path(os.environ.get("CARGO_TARGET_DIR", top / "target")) / "debug"
    parser.add_argument("--binaries", type=Path, default=built, help="where cargo put them (default: %(default)s)")
    parser.add_argument("opinions", nargs="*", choices=[[], *OPINIONS], help="all of them when none is named")
    arguments = parser.parse_args()
    binaries = arguments.binaries.resolve()
    if not (binaries / "grantctl").is_file():
        print(f"{binaries} has no grantctl: cargo build -p grantctl")
        return 1
    forget_the_person()
    # By way of an exception, so that every process of ours is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    content = True
    for name in arguments.opinions or OPINIONS:
        began = time.monotonic()
        print(f"--- {name} ---", flush=True)
        good = OPINIONS[name](binaries)
        content &= good
        print(
            f"{name}: {'nothing to find fault with' if good else 'FAILED'}; {time.monotonic() - began:.1f} s",
            flush=True,
        )
    return 0 if content else 1


if __name__ == "__main__":
    sys.exit(main())

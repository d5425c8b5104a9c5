"""Plants one bug at a time into the engine and lets the storms look for it.

A proof that never failed proves little. Each file of tests/planted is a patch to the engine's sources that a tired
engineer might have written; above its diff it says what the bug does to a customer. Each is applied to a copy of the
committed sources, the storm binary is built from it and run on the first seeds: it must exit 1, and what it prints is
which check caught the bug, at which seed.

    python3 tests/planted.py                      # all; the table at the end is the one in tests/planted/README.md
    python3 tests/planted.py --only first-page    # those with this in their name
    python3 tests/planted.py --check              # only that every patch still applies; takes a second
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATCHES = ROOT / "tests" / "planted"


@dataclass
class Caught:
    """How a bug came to light."""

    by: str
    at: str
    check: str


def run(*command: str, cwd: Path = ROOT, **options: object) -> subprocess.CompletedProcess[str]:
    """A command that has to succeed, quietly."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return done


def why(patch: Path) -> str:
    """What stands above the diff."""
    head = patch.read_text(encoding="utf-8").split("diff --git", 1)[0]
    return " ".join(head.split())


def copy(to: Path) -> None:
    """The committed sources as they are, in a folder of their own."""
    if to.exists():
        run("git", "fetch", "--quiet", "origin", cwd=to)
        run("git", "reset", "--quiet", "--hard", "origin/HEAD", cwd=to)
    else:
        run("git", "clone", "--quiet", str(ROOT), str(to))


def build(source: Path, environment: dict[str, str]) -> Path:
    """The storm binary of a copy, put where no other build replaces it; cargo's messages name the file."""
    command = ["cargo", "build", "--locked", "-p", "grantway-tests", "--bin", "storm", "--message-format", "json"]
    messages = run(*command, cwd=source, env=environment).stdout.splitlines()
    built = [json.loads(message).get("executable") for message in messages]
    binary = source / "storm-with-a-bug"
    shutil.copy2([name for name in built if name and Path(name).name == "storm"][-1], binary)
    return binary


def storm(binary: Path, seeds: int, histories: int) -> Caught | None:
    """What the storms find first; seeds before histories, which come in thousands."""
    for flag, count, unit in (("--seeds", seeds, "seed"), ("--histories", histories, "history")):
        command = [str(binary), flag, str(count), "--failures", "1", "--format", "json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=3600)
        if done.returncode == 0:
            continue
        if done.returncode != 1:
            return Caught(unit, "?", f"the storm ended with {done.returncode}: {done.stderr.strip()[-200:]}")
        failure = json.loads(done.stdout)["failures"][0]
        return Caught(unit, str(failure["number"]), str(failure["check"]))
    return None


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--only", default="", help="patches with this in their name")
    arguments.add_argument("--check", action="store_true", help="only whether every patch applies")
    arguments.add_argument("--seeds", type=int, default=500, help="wire seeds to try (%(default)s)")
    arguments.add_argument("--histories", type=int, default=20_000, help="histories to try then (%(default)s)")
    asked = arguments.parse_args()
    patches = [patch for patch in sorted(PATCHES.glob("*.patch")) if asked.only in patch.name]
    if not patches:
        print(f"no patch with `{asked.only}` in its name in {PATCHES}", file=sys.stderr)
        return 1

    stale = [patch.name for patch in patches if subprocess.run(["git", "apply", "--check", str(patch)], cwd=ROOT).returncode]
    if stale or asked.check:
        print(f"{len(patches)} patches, {len(stale)} of them no longer apply: {', '.join(stale)}" if stale else
              f"{len(patches)} patches apply")
        return 1 if stale else 0

    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
    source = target / "planted"
    copy(source)
    environment = dict(os.environ, CARGO_TARGET_DIR=str(target))
    missed = 0
    rows = []
    for patch in patches:
        began = time.monotonic()
        run("git", "apply", str(patch), cwd=source)
        try:
            caught = storm(build(source, environment), asked.seeds, asked.histories)
        finally:
            run("git", "checkout", "--quiet", ".", cwd=source)
        missed += caught is None
        found = f"{caught.by} {caught.at} | `{caught.check}`" if caught else "**not caught** | "
        rows.append(f"| {patch.stem} | {why(patch)} | {found} |")
        print(f"{time.monotonic() - began:5.0f} s  {rows[-1]}", flush=True)
    print("\n| bug | what it does | caught at | by the check |\n|---|---|---|---|")
    print("\n".join(rows))
    print(f"\n{len(patches)} planted, {len(patches) - missed} caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

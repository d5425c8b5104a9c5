"""The house rules that no lint knows: exits 1 with one line for each place that breaks one."""

import json
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath

MOST_LINES = 400
NO_NOUN = re.compile(r"utils?|common|helpers?|misc|managers?")
UNFINISHED = re.compile(r"\btodo!|\bunimplemented!|#\[ignore\b|\bFIXME\b|\bXXX\b|\bassert!\(true\b")
MODULE = re.compile(r"^\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)", re.MULTILINE)

PATH = re.compile(r'^\s*#\[path = "([^"]+)"\]', re.MULTILINE)

broken = []


def ran(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def rust_files():
    """Tracked files, and new ones that are about to be."""
    names = ran("git", "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "*.rs").splitlines()
    return [PurePosixPath(name) for name in sorted(names) if Path(name).is_file()]


def is_source(path):
    """What is under some src/ is source, wherever it lies; tests and benches may run on."""
    return "src" in path.parts or not {"tests", "benches"} & set(path.parts)


def is_short(path, text):
    lines = 0
    for line in text.splitlines():
        if line.startswith("#[cfg(test)]"):
            break
        lines += 1
    if is_source(path) and lines > MOST_LINES:
        broken.append(f"{path}: {lines} lines before its tests, {MOST_LINES} at most: split it by noun")


def is_named_by_a_noun(path, text):
    names = [path.stem, *path.parent.parts, *MODULE.findall(text)]
    for name in sorted({name for name in names if NO_NOUN.fullmatch(name)}):
        broken.append(f"{path}: `{name}` collects everything: name it by what it is about")
    if path.name == "mod.rs":
        broken.append(f"{path}: write {path.parent}.rs beside {path.parent}/")


def is_finished(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        found = UNFINISHED.search(line)
        if found:
            broken.append(f"{path}:{number}: {found.group()}")


def packages():
    return json.loads(ran("cargo", "metadata", "--no-deps", "--format-version", "1", "--locked"))["packages"]


def is_compiled(paths, texts):
    """A virtual workspace compiles no file that no package names, and says nothing about it."""
    top = Path.cwd().resolve()
    roots = set()
    for package in packages():
        if "[lints]\nworkspace = true" not in Path(package["manifest_path"]).read_text():
            broken.append(f"{package['name']}: its Cargo.toml does not take the workspace's lints")
        for target in package["targets"]:
            source = Path(target["src_path"])
            if source.is_relative_to(top):
                roots.add(PurePosixPath(source.relative_to(top)))
    named = {parent.parent / name for parent, text in texts.items() for name in PATH.findall(text)}
    for path in paths:
        if path in roots | named:
            continue
        # foo/bar.rs is named by foo.rs; src/bar.rs by a root beside it.
        above = [path.parent.with_suffix(".rs"), *(root for root in roots if root.parent == path.parent)]
        if not any(path.stem in MODULE.findall(texts[parent]) for parent in above if parent in texts):
            broken.append(f"{path}: no package compiles it: declare its module, or a target in Cargo.toml")


def main():
    paths = rust_files()
    texts = {path: Path(path).read_text() for path in paths}
    for path, text in texts.items():
        is_short(path, text)
        is_named_by_a_noun(path, text)
        is_finished(path, text)
    is_compiled(paths, texts)
    print("\n".join(broken) or f"{len(paths)} files, all in order")
    sys.exit(1 if broken else 0)


main()

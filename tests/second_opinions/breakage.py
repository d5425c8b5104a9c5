"""Requests that a model forbids, made from one that it allows."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import regex
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

Params = dict[str, Any]

# Longer than this nobody sends to find out.
LONGEST = 300_000
LARGEST_LIST = 200
# What patterns forbid, the likelier first.
FORBIDDEN = (" ", "!", "\u00e9", "\u2603", "{}", "a b", "\t", "\u0001", "0", "a", "-")
NO_WORD = "NO_SUCH_WORD"


@dataclass(frozen=True)
class Breakage:
    """A request with one thing wrong with it."""

    place: str
    kind: str
    params: Params


# What cannot be taken for a text, a number, a flag.
WRONG_TYPES = {"string": 7, "integer": "seven", "long": "seven", "boolean": "yes"}
WRONG_TYPE = "wrong type"


def breakages(params: Params, shape: StructureShape, *, types: bool) -> Iterator[Breakage]:
    """The request, broken in every way that its shape forbids, one at a time.

    `types` says whether values of another type can be written at all.
    """
    for place, path, kind, value in _structure(params, shape, "", ()):
        if types or kind != WRONG_TYPE:
            yield Breakage(place, kind, _changed(params, path, value))


# A place for people, the way there, what is wrong, and the new value.
Change = tuple[str, tuple[str | int, ...], str, Any]


class _Absent:
    """In place of a value: the member is taken away."""


ABSENT = _Absent()


def _values(value: Any, shape: Shape, place: str, path: tuple[str | int, ...]) -> Iterator[Change]:
    if isinstance(shape, StructureShape):
        if isinstance(value, dict):
            yield from _structure(value, shape, place, path)
    elif isinstance(shape, ListShape):
        if isinstance(value, (list, tuple)):
            yield from _list(list(value), shape, place, path)
    elif isinstance(shape, MapShape):
        if isinstance(value, dict):
            for key in list(value)[:1]:
                yield from _values(value[key], shape.value, f"{place}{{}}", (*path, key))
    else:
        if isinstance(shape, StringShape):
            for kind, wrong in _texts(str(value), shape):
                yield place, path, kind, wrong
        elif shape.type_name in {"integer", "long"}:
            for kind, number in _numbers(shape):
                yield place, path, kind, number
        if shape.type_name in WRONG_TYPES:
            yield place, path, WRONG_TYPE, WRONG_TYPES[shape.type_name]


def _structure(value: Params, shape: StructureShape, place: str, path: tuple[str | int, ...]) -> Iterator[Change]:
    for name, member in shape.members.items():
        if name not in value:
            continue
        where = f"{place}.{name}" if place else name
        if name in shape.required_members:
            yield where, (*path, name), "missing", ABSENT
        yield from _values(value[name], member, where, (*path, name))


def _list(value: list[Any], shape: ListShape, place: str, path: tuple[str | int, ...]) -> Iterator[Change]:
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
    if low > 0:
        yield place, path, "too few", value[: low - 1]
    if high is not None and high < LARGEST_LIST and value:
        yield place, path, "too many", [copy.deepcopy(value[at % len(value)]) for at in range(high + 1)]
    if value:
        yield from _values(value[0], shape.member, f"{place}[]", (*path, 0))


def _texts(value: str, shape: StringShape) -> Iterator[tuple[str, str]]:
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
    if shape.enum:
        yield "enum", NO_WORD
        return
    if low > 0:
        yield "too short", value[: low - 1]
    if high is not None and high < LONGEST:
        yield "too long", (value or "a").ljust(high + 1, value[-1:] or "a")
    pattern = shape.metadata.get("pattern")
    if pattern:
        for forbidden in FORBIDDEN:
            text = forbidden * max(1, -(-low // len(forbidden)))
            # Neither as a whole nor anywhere in it, so that nobody can read the pattern otherwise.
            if regex.search(pattern, text) is None and (high is None or len(text) <= high):
                yield "pattern", text
                return


def _numbers(shape: Shape) -> Iterator[tuple[str, int]]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None:
        yield "too small", low - 1
    if high is not None:
        yield "too large", high + 1


def _changed(params: Params, path: tuple[str | int, ...], value: Any) -> Params:
    whole = copy.deepcopy(params)
    at: Any = whole
    for step in path[:-1]:
        at = at[step]
    if value is ABSENT:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return whole

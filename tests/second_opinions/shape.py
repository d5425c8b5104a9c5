"""A value from the wire against its shape, more strictly than any client: what a model forbids is a problem."""

import base64
import binascii
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import regex
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from botocore.utils import parse_timestamp

from .document import Value, wire_name


class Wire(Enum):
    """How a protocol writes what is neither text nor a collection."""

    JSON = "json"
    CBOR = "cbor"
    # Everything is text.
    XML = "xml"


@dataclass(frozen=True)
class Problem:
    """One place of a value that its shape forbids."""

    place: str
    kind: str
    expected: str
    actual: str


WHOLE_NUMBERS = {"integer", "long"}
FRACTIONS = {"float", "double"}
# A shape's own name for what Python calls otherwise.
TEXT = {"string", "character"}


def problems(value: Value, shape: Shape, wire: Wire, place: str = "") -> Iterator[Problem]:
    """Everything that the shape forbids about the value."""
    if isinstance(shape, StructureShape):
        yield from _structure(value, shape, wire, place)
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            yield _wrong_type(place, "list", value)
            return
        yield from _size(len(value), shape, place)
        for item in value:
            yield from problems(item, shape.member, wire, f"{place}[]")
    elif isinstance(shape, MapShape):
        if not isinstance(value, dict):
            yield _wrong_type(place, "map", value)
            return
        yield from _size(len(value), shape, place)
        for key, item in value.items():
            yield from problems(key, shape.key, wire, f"{place}{{key}}")
            yield from problems(item, shape.value, wire, f"{place}{{}}")
    else:
        yield from _scalar(value, shape, wire, place)


def _structure(value: Value, shape: StructureShape, wire: Wire, place: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield _wrong_type(place, "structure", value)
        return
    if getattr(shape, "is_document_type", False):
        return
    members = {wire_name(name, member): member for name, member in shape.members.items()}
    required = {wire_name(name, shape.members[name]) for name in shape.required_members}
    for name in sorted(required - value.keys()):
        yield Problem(_join(place, name), "missing", "a value, it is required", "nothing")
    for name, item in value.items():
        where = _join(place, name)
        if name not in members:
            yield Problem(where, "unknown member", "no such member", shown(item))
        elif item is None:
            yield Problem(where, "null", "a value, or no member", "null")
        else:
            yield from problems(item, members[name], wire, where)


def _scalar(value: Value, shape: Shape, wire: Wire, place: str) -> Iterator[Problem]:
    kind = shape.type_name
    if kind in TEXT:
        if not isinstance(value, str):
            yield _wrong_type(place, kind, value)
            return
        yield from _text(value, shape, place)
    elif kind in WHOLE_NUMBERS | FRACTIONS:
        number = _number(value, whole=kind in WHOLE_NUMBERS, text=wire is Wire.XML)
        if number is None:
            yield _wrong_type(place, kind, value)
            return
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if (low is not None and number < low) or (high is not None and number > high):
            yield Problem(place, "range", f"{low} to {high}", shown(value))
    elif kind == "boolean":
        if not (value in ("true", "false") if wire is Wire.XML else isinstance(value, bool)):
            yield _wrong_type(place, kind, value)
    elif kind == "timestamp":
        if not _is_time(value, wire):
            yield _wrong_type(place, kind, value)
    elif kind == "blob":
        if not _is_blob(value, wire):
            yield _wrong_type(place, kind, value)
    else:
        yield Problem(place, "unknown type", "a type that this suite knows", kind)


def _text(value: str, shape: Shape, place: str) -> Iterator[Problem]:
    yield from _size(len(value), shape, place)
    words = shape.enum if isinstance(shape, StringShape) else []
    if words and value not in words:
        yield Problem(place, "enum", f"one of {', '.join(words)}", shown(value))
    pattern = shape.metadata.get("pattern")
    if pattern and not matches(pattern, value):
        yield Problem(place, "pattern", pattern, shown(value))


def matches(pattern: str, value: str) -> bool:
    """Whether a value as a whole is what a pattern says.

    Models of Java services write patterns that match the whole, with or without anchors, in Java's dialect.
    """
    return regex.fullmatch(pattern, value) is not None


def _size(size: int, shape: Shape, place: str) -> Iterator[Problem]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and size < low) or (high is not None and size > high):
        yield Problem(place, "length", f"{low or 0} to {high if high is not None else 'any'}", str(size))


def _number(value: Value, *, whole: bool, text: bool) -> float | None:
    if text:
        try:
            return int(value) if whole else float(value)
        except (TypeError, ValueError):
            return None
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        return None
    return float(value)


def _is_time(value: Value, wire: Wire) -> bool:
    match wire:
        case Wire.CBOR:
            return isinstance(value, datetime.datetime)
        case Wire.JSON:
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case Wire.XML:
            try:
                return "T" in value and parse_timestamp(value) is not None
            except (TypeError, ValueError):
                return False


def _is_blob(value: Value, wire: Wire) -> bool:
    if wire is Wire.CBOR:
        return isinstance(value, bytes)
    try:
        base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return False
    return True


def _wrong_type(place: str, expected: str, value: Value) -> Problem:
    return Problem(place, "type", expected, f"{type(value).__name__} {shown(value)}")


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def shown(value: Any) -> str:
    """A value for a line of text."""
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:120]}..."

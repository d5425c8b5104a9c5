"""An answer's body as plain values, before botocore's lenient parsers have made something sensible of it."""

import io
import json
from typing import Any
from xml.etree import ElementTree

from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.parsers import RpcV2CBORParser

Value = Any


class Unreadable(Exception):
    """The body is not what its protocol says it is."""


def wire_name(name: str, shape: Shape) -> str:
    """What a member is called on the wire."""
    return str(shape.serialization.get("name", name))


def of_json(body: bytes) -> Value:
    """A JSON object."""
    try:
        value = json.loads(body)
    except ValueError as error:
        raise Unreadable(f"no JSON: {error}") from error
    if not isinstance(value, dict):
        raise Unreadable(f"{type(value).__name__} instead of an object")
    return value


def of_cbor(body: bytes) -> Value:
    """A CBOR map, read by botocore's own reader; times come out as datetimes, so a time without its tag shows."""
    parser = RpcV2CBORParser()
    stream = parser.get_peekable_stream_from_bytes(body)
    try:
        value = parser.parse_data_item(stream)
    except Exception as error:
        raise Unreadable(f"no CBOR: {error}") from error
    if stream.read(1):
        raise Unreadable("something follows the CBOR item")
    if not isinstance(value, dict):
        raise Unreadable(f"{type(value).__name__} instead of a map")
    return value


def of_xml(body: bytes) -> ElementTree.Element:
    """An XML document."""
    try:
        iterator = ElementTree.iterparse(io.BytesIO(body))
        for _, element in iterator:
            element.tag = element.tag.rpartition("}")[2]
        root: ElementTree.Element | None = iterator.root  # type: ignore[attr-defined]
    except ElementTree.ParseError as error:
        raise Unreadable(f"no XML: {error}") from error
    if root is None:
        raise Unreadable("no XML: nothing")
    return root


def of_element(element: ElementTree.Element, shape: Shape) -> Value:
    """An XML element's value by its shape; whatever the shape does not know stays in, as text."""
    if isinstance(shape, StructureShape):
        return _structure(element, shape)
    if isinstance(shape, ListShape):
        return [of_element(child, shape.member) for child in element]
    if isinstance(shape, MapShape):
        key, value = wire_name("key", shape.key), wire_name("value", shape.value)
        entries: dict[str, Value] = {}
        for entry in element:
            name, inner = entry.find(key), entry.find(value)
            entries[(name.text or "") if name is not None else ""] = (
                of_element(inner, shape.value) if inner is not None else None
            )
        return entries
    return element.text or ""


def _structure(element: ElementTree.Element, shape: StructureShape) -> Value:
    members = {wire_name(name, member): member for name, member in shape.members.items()}
    value: dict[str, Value] = {}
    for child in element:
        member = members.get(child.tag)
        if member is None:
            value[child.tag] = child.text or ""
        elif isinstance(member, ListShape) and member.serialization.get("flattened"):
            value.setdefault(child.tag, []).append(of_element(child, member.member))
        else:
            value[child.tag] = of_element(child, member)
    return value

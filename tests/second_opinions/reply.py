"""One HTTP reply, held against the model of the operation that it answers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.model import OperationModel, StructureShape
from botocore.validate import ParamValidator

from . import document
from .document import Unreadable
from .refusal import Refusal, documented, modelled, right_status
from .shape import Problem, Wire, problems

WHOLE = "answer"
INDEX = re.compile(r"\[\d+\]")

CONTENT_TYPES = {"json": "application/x-amz-json-{}", "smithy-rpc-v2-cbor": "application/cbor", "query": "text/xml"}


@dataclass(frozen=True)
class Reply:
    """What came back over HTTP, and what botocore made of it."""

    operation: OperationModel
    protocol: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    parsed: Mapping[str, Any]

    @property
    def service(self) -> str:
        """The service's name as botocore has it."""
        return str(self.operation.service_model.service_name)

    @property
    def is_refusal(self) -> bool:
        """Whether it is an error answer."""
        return self.status >= 300

    def refusal(self) -> Refusal:
        """The error, its code as the body has it: botocore prefers an older code in a header where there is one."""
        try:
            if self.protocol == "query":
                error = document.of_xml(self.body).find("Error")
                code, message = (
                    ("", "") if error is None else (error.findtext("Code", ""), error.findtext("Message", ""))
                )
                return Refusal(code, message, self.status)
            body = self._body()
        except Unreadable as unreadable:
            return Refusal("", str(unreadable), self.status)
        code = str(body.get("__type", "")).rpartition("#")[2].partition(":")[0]
        return Refusal(code, str(body.get("message", body.get("Message", ""))), self.status)

    def problems(self) -> Iterator[Problem]:
        """Everything wrong with it."""
        yield from self._envelope()
        try:
            if self.is_refusal:
                yield from self._refusal_problems()
            else:
                yield from self._answer_problems()
        except Unreadable as error:
            yield Problem(WHOLE, "unreadable", f"a {self.protocol} body", str(error))

    def _body(self) -> dict[str, Any]:
        read = document.of_cbor if self.protocol == "smithy-rpc-v2-cbor" else document.of_json
        body: dict[str, Any] = read(self.body)
        return body

    @property
    def _wire(self) -> Wire:
        return {"json": Wire.JSON, "smithy-rpc-v2-cbor": Wire.CBOR, "query": Wire.XML}[self.protocol]

    def _envelope(self) -> Iterator[Problem]:
        version = self.operation.service_model.metadata.get("jsonVersion", "")
        expected = CONTENT_TYPES[self.protocol].format(version)
        said = self.headers.get("content-type", "nothing")
        if said.partition(";")[0] != expected:
            yield Problem("content-type", "header", expected, said)
        if self.protocol == "smithy-rpc-v2-cbor" and self.headers.get("smithy-protocol") != "rpc-v2-cbor":
            yield Problem("smithy-protocol", "header", "rpc-v2-cbor", self.headers.get("smithy-protocol", "nothing"))
        if not self.headers.get("x-amzn-requestid"):
            yield Problem("x-amzn-requestid", "header", "an id", "nothing")

    def _answer_problems(self) -> Iterator[Problem]:
        shape = self.operation.output_shape
        parsed = {name: value for name, value in self.parsed.items() if name != "ResponseMetadata"}
        if shape is None:
            yield from self._nothing()
            return
        yield from _validated(parsed, shape)
        yield from problems(self._value(shape), shape, self._wire)

    def _value(self, shape: StructureShape) -> document.Value:
        if self.protocol != "query":
            return self._body()
        root = document.of_xml(self.body)
        if root.tag != f"{self.operation.name}Response" or root.find("ResponseMetadata/RequestId") is None:
            raise Unreadable(f"<{root.tag}> instead of <{self.operation.name}Response> with its RequestId")
        wrapper = shape.serialization.get("resultWrapper")
        result = root.find(wrapper) if wrapper else root
        if result is None:
            raise Unreadable(f"no <{wrapper}>")
        return document.of_element(result, shape)

    def _nothing(self) -> Iterator[Problem]:
        """Operations without an output answer an empty body, or an empty object."""
        if self.protocol == "query":
            if (root := document.of_xml(self.body)).tag != f"{self.operation.name}Response":
                yield Problem(WHOLE, "unknown member", f"<{self.operation.name}Response>", f"<{root.tag}>")
        elif self.body and (value := self._body()):
            yield Problem(WHOLE, "unknown member", "an empty answer", str(value))

    def _refusal_problems(self) -> Iterator[Problem]:
        # For what it says when it cannot be read.
        document.of_xml(self.body) if self.protocol == "query" else self._body()
        refusal = self.refusal()
        shape = modelled(refusal.code, self.operation)
        if shape is None and not documented(self.service, refusal.code):
            names = ", ".join(error.name for error in self.operation.error_shapes)
            yield Problem(WHOLE, "unmodelled error", f"one of {names}", f"{refusal.code}: {refusal.message}")
        right, expected = right_status(shape, refusal)
        if not right:
            yield Problem(refusal.code, "status", expected, str(self.status))
        if not refusal.message:
            yield Problem(refusal.code, "message", "some text", "none")
        if shape is not None and self.protocol != "query":
            # Every error has a message, though not every model says so.
            silent = "message" not in {name.lower() for name in shape.members}
            known = {"__type", "message", "Message"} if silent else {"__type"}
            body = {name: value for name, value in self._body().items() if name not in known}
            yield from problems(body, shape, self._wire, refusal.code)


def _validated(parsed: Mapping[str, Any], shape: StructureShape) -> Iterator[Problem]:
    """What botocore's validator of requests would say, were the answer a request."""
    for kind, name, details in ParamValidator().validate(parsed, shape)._errors:
        actual = ", ".join(f"{part} {value}" for part, value in details.items())
        yield Problem(INDEX.sub("[]", name.lstrip(".")), f"ParamValidator, {kind}", "nothing to report", actual)

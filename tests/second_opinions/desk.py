"""Where a service is asked, so that a scene can say what happens and no more.

A scene is played twice, each time in a new world. A `Desk` holds every answer against the model. A `HostileDesk` sends
every sound request broken first, in each way that the model forbids: that has to be refused and to change nothing.
Two worlds, because a broken request that is not refused would spoil the answers after it.
"""

import copy
from collections import Counter
from contextlib import suppress
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

from .breakage import WRONG_TYPE, Params, breakages
from .finding import Finding, Findings
from .refusal import CONSTRAINT
from .reply import WHOLE, Reply
from .shape import shown
from .simulator import Simulator, client

# How a service says that it does not have an operation.
NO_SUCH_OPERATION = {"UnknownOperationException", "InvalidAction"}
MOST_PAGES = 200


class Unanswered(Exception):
    """A call that had to succeed did not, or the other way round: the rest of the scene makes no sense."""


class Desk:
    """One service of the simulator, asked on behalf of any account."""

    def __init__(self, simulator: Simulator, service: str, findings: Findings, protocol: str | None = None) -> None:
        self.simulator = simulator
        self.service = service
        self.findings = findings
        self.protocol = protocol
        # By operation.
        self.answers: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self._clients: dict[str, BaseClient] = {}
        self._raw: dict[str, Any] | None = None
        self._parsed: dict[str, Any] = {}

    def call(self, operation: str, /, by: str | None = None, **params: Any) -> Any:
        """A call that has to succeed; its answer without what botocore adds."""
        reply = self._judged(operation, by, params)
        if reply.is_refusal:
            refusal = reply.refusal()
            self.find(operation, WHOLE, "refused", "an answer", f"{refusal.code}: {refusal.message} to {params}")
            raise Unanswered(f"{self.service} {operation}: {refusal}")
        self.answers[operation] += 1
        return {name: value for name, value in reply.parsed.items() if name != "ResponseMetadata"}

    def refused(self, operation: str, code: str, /, by: str | None = None, **params: Any) -> None:
        """A call that has to be refused with this code."""
        reply = self._judged(operation, by, params)
        self.refusals[operation] += 1
        if not reply.is_refusal:
            self.find(operation, WHOLE, "not refused", code, f"an answer to {shown(params)}")
        elif (refusal := reply.refusal()).code != code:
            self.find(operation, code, "another error", code, f"{refusal.code}: {refusal.message}")

    def pages(
        self, operation: str, member: str, /, by: str | None = None, token: str = "NextToken", **params: Any
    ) -> list[Any]:
        """Everything that a listing has, in as many pages as it takes; fewer than two are a finding."""
        items: list[Any] = []
        pages = 0
        while True:
            answer = self.call(operation, by=by, **params)
            items += answer.get(member, [])
            pages += 1
            if not answer.get(token):
                break
            params[token] = answer[token]
            if pages > MOST_PAGES:
                raise Unanswered(f"{self.service} {operation} never ends")
        self.expect(operation, "pages", pages > 1, "several pages", f"{pages} with {len(items)} items")
        return items

    def expect(self, operation: str, place: str, holds: bool, expected: str, actual: Any) -> None:
        """A finding, unless it holds: for what no model can say about an answer."""
        if not holds:
            self.find(operation, place, "value", expected, shown(actual))

    def find(self, operation: str, place: str, kind: str, expected: str, actual: str) -> None:
        """Takes a finding down."""
        self.findings.add(Finding(self.service, operation, place, kind, expected, actual))

    def has(self, operation: str) -> bool:
        """Whether the simulator knows an operation at all."""
        reply = self._send(operation, None, {})
        return not (reply.is_refusal and reply.refusal().code in NO_SUCH_OPERATION)

    def model(self, operation: str) -> OperationModel:
        """botocore's model of an operation."""
        return self._client(None).meta.service_model.operation_model(operation)

    def all_operations(self) -> list[str]:
        """Every operation that the service has at AWS."""
        return list(self._client(None).meta.service_model.operation_names)

    def _judged(self, operation: str, by: str | None, params: Params) -> Reply:
        reply = self._send(operation, by, params)
        for problem in reply.problems():
            self.find(operation, problem.place, problem.kind, problem.expected, problem.actual)
        return reply

    def _send(self, operation: str, by: str | None, params: Params) -> Reply:
        sender = self._client(by)
        self._raw = None
        self._parsed = {}
        # What went wrong the reply says itself.
        with suppress(ClientError, ResponseParserError):
            sender._make_api_call(operation, dict(params))
        if self._raw is None:
            raise Unanswered(f"{self.service} {operation}: no reply")
        service = sender.meta.service_model
        return Reply(
            operation=service.operation_model(operation),
            protocol=self.protocol or service.resolved_protocol,
            status=self._raw["status_code"],
            headers={name.lower(): value for name, value in self._raw["headers"].items()},
            body=self._raw["body"],
            parsed=self._parsed,
        )

    def _client(self, account: str | None) -> BaseClient:
        account = account or self.simulator.account
        if account not in self._clients:
            made = client(self.service, self.simulator.endpoint, account, self.protocol)
            made.meta.events.register("before-parse", self._keep_raw)
            made.meta.events.register("response-received", self._keep_parsed)
            self._clients[account] = made
        return self._clients[account]

    def _keep_raw(self, response_dict: dict[str, Any], **_: Any) -> None:
        self._raw = dict(response_dict)

    def _keep_parsed(self, parsed_response: dict[str, Any] | None, **_: Any) -> None:
        # Before botocore's conveniences, such as policies that are no text any more.
        self._parsed = copy.deepcopy(parsed_response or {})


class HostileDesk(Desk):
    """Says nothing about sound answers; sends what the model forbids before each."""

    def __init__(
        self,
        simulator: Simulator,
        service: str,
        findings: Findings,
        protocol: str | None = None,
        sent: set[tuple[str, str, str]] | None = None,
    ) -> None:
        super().__init__(simulator, service, findings, protocol)
        # Operation, place and kind of what was sent, in this world or in one before it.
        self.sent = set() if sent is None else sent
        # How many broken requests were not refused, so that this world is not what it should be.
        self.accepted = 0

    def call(self, operation: str, /, by: str | None = None, **params: Any) -> Any:
        self._send_broken(operation, by, params)
        reply = self._send(operation, by, params)
        if reply.is_refusal:
            if not self.accepted:
                self.find(operation, WHOLE, "side effect", "no trace of refused requests", str(reply.refusal()))
            raise Unanswered(f"{self.service} {operation}: {reply.refusal()}")
        return {name: value for name, value in reply.parsed.items() if name != "ResponseMetadata"}

    def refused(self, operation: str, code: str, /, by: str | None = None, **params: Any) -> None:
        """The other desk does this."""

    def expect(self, operation: str, place: str, holds: bool, expected: str, actual: Any) -> None:
        """The other desk does this."""

    def _send_broken(self, operation: str, by: str | None, params: Params) -> None:
        model = self.model(operation)
        if model.input_shape is None:
            return
        protocol = self.protocol or model.service_model.resolved_protocol
        for breakage in breakages(params, model.input_shape, types=protocol == "json"):
            key = (operation, breakage.place, breakage.kind)
            if key in self.sent:
                continue
            self.sent.add(key)
            reply = self._send(operation, by, breakage.params)
            allowed = {"SerializationException"} if breakage.kind == WRONG_TYPE else set()
            allowed |= CONSTRAINT[self.service]
            if not reply.is_refusal:
                self.accepted += 1
                self.find(operation, breakage.place, breakage.kind, "a refusal", "an answer")
            elif (refusal := reply.refusal()).code not in allowed:
                said = f"{refusal.code}: {refusal.message}"
                self.find(operation, breakage.place, f"{breakage.kind}, error", " or ".join(sorted(allowed)), said)
            for problem in reply.problems():
                if problem.kind == "unreadable":
                    self.find(operation, breakage.place, problem.kind, problem.expected, problem.actual)

"""Plays scripts against one of the two and keeps what it answered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from ..simulator import client
from ..twin import Organization
from .plain import plain

# A refusal's member; no answer has one of this name.
REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """What came of one call."""

    operation: str
    # The answer, made comparable; for a refusal its code and status.
    answer: Any


class Player:
    """One service of one pretend AWS. A call that is refused answers nothing, and the script goes on."""

    def __init__(
        self,
        service: str,
        endpoint: str,
        account: str,
        organization: Organization,
        pass_time: Callable[[int], Any] = lambda _: None,
    ) -> None:
        self.service = service
        # Lets so many seconds pass, where time can be made to.
        self.pass_time = pass_time
        self.account = account
        self.organization = organization
        self._outcomes: list[Outcome] = []
        # What each calls otherwise: its own word for it, and the one that stands for both.
        self._names: dict[str, str] = {}
        self._endpoint = endpoint
        self._clients: dict[tuple[str, str], Any] = {}

    def __call__(
        self, operation: str, /, by: str | None = None, of: str | None = None, **params: Any
    ) -> dict[str, Any]:
        """One call; what it answers counts as this script's."""
        answer, refusal = self._send(of or self.service, operation, by, params)
        self._outcomes.append(Outcome(operation, plain(answer) if refusal is None else refusal))
        return answer

    def name(self, what: str, own: str) -> str:
        """Says what an id that was made up is the id of, so that both may be said to answer the same."""
        self._names[own] = f"<{what}>"
        return own

    @property
    def outcomes(self) -> list[Outcome]:
        """What came of every call, in their order."""
        return [Outcome(outcome.operation, self._renamed(outcome.answer)) for outcome in self._outcomes]

    def _renamed(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._renamed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._renamed(item) for item in value]
        if isinstance(value, str):
            for own, name in self._names.items():
                value = value.replace(own, name)
        return value

    def whole(self, operation: str, member: str, /, **params: Any) -> list[Any]:
        """A listing in one piece: how many pages each makes of it, and which are empty, is its own affair."""
        items: list[Any] = []
        while True:
            answer, refusal = self._send(self.service, operation, None, params)
            items += answer.get(member, [])
            if refusal is not None or not answer.get("NextToken"):
                break
            params["NextToken"] = answer["NextToken"]
        self._outcomes.append(Outcome(operation, plain({member: items}) if refusal is None else refusal))
        return items

    def _send(self, service: str, operation: str, by: str | None, params: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        key = (service, by or self.account)
        if key not in self._clients:
            self._clients[key] = client(service, self._endpoint, key[1])
        try:
            answer: dict[str, Any] = self._clients[key]._make_api_call(operation, params)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            return {}, {REFUSED: code, "status": error.response["ResponseMetadata"]["HTTPStatusCode"]}
        except ResponseParserError:
            # moto's web server answers an HTML page when moto fails.
            return {}, {REFUSED: "a failure", "status": 500}
        return answer, None


Script = Callable[[Player], None]

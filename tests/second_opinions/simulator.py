"""The pretend AWS as a process, its own controls, and botocore clients for it."""

import json
import os
import urllib.request
from collections.abc import Iterable
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import botocore.session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.loaders import Loader
from real_clients.process import Process

REGION = "us-east-1"

# What is sent is what the suite wants sent, once.
FRANK = Config(
    parameter_validation=False,
    retries={"total_max_attempts": 1},
    read_timeout=30,
    connect_timeout=5,
)


class Models(Loader):
    """Models as botocore has them, but for what would keep it from sending a request as it is told to."""

    def __init__(self, protocol: str | None) -> None:
        super().__init__()
        self._protocol = protocol

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        model = super().load_service_model(service_name, type_name, api_version)
        if type_name != "service-2":
            return model
        if self._protocol is not None:
            # One of those that the service speaks, instead of botocore's choice.
            model["metadata"] |= {"protocol": self._protocol, "protocols": [self._protocol]}
        # Where to send a request does not depend on what is in it, which may be missing or no text.
        for operation in model["operations"].values():
            operation.pop("operationContextParams", None)
        for shape in model["shapes"].values():
            for member in shape.get("members", {}).values():
                member.pop("contextParam", None)
        return model


@cache
def session(protocol: str | None) -> botocore.session.Session:
    """Reading the models takes longest, so they are read once."""
    made = botocore.session.Session()
    made.register_component("data_loader", Models(protocol))
    return made


def client(service: str, endpoint: str, account: str, protocol: str | None = None) -> BaseClient:
    """A client that checks nothing before it sends and repeats nothing; `protocol` is its choice when not given."""
    return session(protocol).create_client(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=account,
        aws_secret_access_key="pretend",
        config=FRANK,
    )


class Simulator:
    """`grantctl sim` on a free port until its `with` is left."""

    def __init__(self, binaries: Path, arguments: Iterable[str] = ()) -> None:
        fixed = ("sim", "--listen", "127.0.0.1:0", "--format", "json")
        self._process = Process(binaries / "grantctl", *fixed, *arguments, environment={})
        self._stack = ExitStack()
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._stack.enter_context(self._process)
        try:
            self.environment = self._process.announced()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return self.environment["AWS_ENDPOINT_URL"]

    @property
    def account(self) -> str:
        """The management account, which holds the licenses."""
        return self.environment["AWS_ACCESS_KEY_ID"]

    def control(self, what: str, **how: Any) -> Any:
        """Does something to the world that no AWS API does: `POST /_sim/<what>`."""
        return self.ask(what, json.dumps(how).encode() if how else b"")

    def pass_time(self, seconds: int) -> None:
        """Moves its clock."""
        self.control("advance", seconds=seconds)

    def look(self, what: str) -> Any:
        """Looks at the world: `GET /_sim/<what>`."""
        return self.ask(what, None)

    def set_knobs(self, **knobs: Any) -> None:
        """Answers open questions about AWS; the others keep their answers."""
        self.control("knobs", **(self.look("knobs") | knobs))

    def ask(self, what: str, body: bytes | None) -> Any:
        """A request to its own controls."""
        with urllib.request.urlopen(f"{self.endpoint}/_sim/{what}", body, timeout=20) as reply:
            return json.load(reply)


def forget_the_person() -> None:
    """Nothing of whoever runs this may be taken for a pretend AWS's: no profile, no credentials, no endpoint."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_"))]:
        del os.environ[name]
    quiet = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    os.environ |= quiet | {"AWS_EC2_METADATA_DISABLED": "true"}

"""Between a function and the simulator's License Manager: tells the simulator who calls.

A function in a member account signs with the keys that moto's STS gave it, and only moto knows of whom those are. So
every request's key is replaced by the account that moto says it is of, which the simulator takes for the caller.
"""

import re
import urllib.error
import urllib.request
from email.message import Message
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any

from real_clients.loopback import Loopback

from ..simulator import client

CREDENTIAL = re.compile(r"(?<=Credential=)\w+")
ACCOUNT_ID = re.compile(r"\d{12}")
# What belongs to one connection and not to what it carries.
HOP = {"connection", "content-length", "date", "host", "server", "transfer-encoding"}


class Relay(Loopback):
    """Serves until its `with` is left."""

    def __init__(self, moto: str, simulator: str) -> None:
        @cache
        def account(key: str) -> str:
            if ACCOUNT_ID.fullmatch(key):
                return key
            sts: Any = client("sts", moto, key)
            return str(sts.get_caller_identity()["Account"])

        # How many requests came from whom.
        self.callers: dict[str, int] = {}
        super().__init__(handler(simulator, account, self.callers))

    @property
    def endpoint(self) -> str:
        """What AWS_ENDPOINT_URL_LICENSE_MANAGER wants."""
        return f"http://{self.address}"


def handler(simulator: str, account: Any, callers: dict[str, int]) -> type[BaseHTTPRequestHandler]:
    """A handler that passes requests on."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
            signature = headers.get("Authorization", headers.get("authorization", ""))
            found = CREDENTIAL.search(signature)
            caller = account(found.group()) if found else ""
            callers[caller] = callers.get(caller, 0) + 1
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            headers["Authorization"] = CREDENTIAL.sub(caller, signature)
            request = urllib.request.Request(f"{simulator}{self.path}", body, headers)
            try:
                with urllib.request.urlopen(request, timeout=20) as reply:
                    self._reply(reply.status, reply.headers, reply.read())
            except urllib.error.HTTPError as error:
                self._reply(error.code, error.headers, error.read())

        def _reply(self, status: int, headers: Message, body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Requests are not worth a line each."""

    return Handler

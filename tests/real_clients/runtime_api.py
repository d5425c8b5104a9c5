"""The Lambda Runtime API (version 2018-06-01) that a function's process asks for invocations."""

import json
import queue
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

from .loopback import Loopback

# Dispatch's time-out in infra/hub.yaml, the shortest of the three.
ANSWERED_WITHIN = 30.0
FUNCTION_ARN = "arn:aws:lambda:us-east-1:210987654321:function:under-test"


class InvocationFailed(Exception):
    """The function reported an error, or nothing in time."""


class RuntimeApi(Loopback):
    """Serves one function; AWS_LAMBDA_RUNTIME_API wants its `address`."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._answers: queue.Queue[tuple[str, str, bytes]] = queue.Queue()
        self._count = 0
        super().__init__(self._handler())

    def invoke(self, event: Any) -> Any:
        """Hands the function one event and returns its answer."""
        self._count += 1
        asked = f"00000000-0000-4000-8000-{self._count:012}"
        self._waiting.put((asked, json.dumps(event).encode()))
        try:
            answered, kind, body = self._answers.get(timeout=ANSWERED_WITHIN)
        except queue.Empty:
            raise InvocationFailed(f"no answer within {ANSWERED_WITHIN:.0f} s") from None
        if (answered, kind) != (asked, "response"):
            raise InvocationFailed(f"{kind} for {answered}: {body.decode(errors='replace')}")
        return json.loads(body)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        waiting, answers = self._waiting, self._answers

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body in one segment, at once: otherwise each answer waits 40 ms for the function's kernel.
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                if self.path != "/2018-06-01/runtime/invocation/next":
                    return self._reply(404, b"")
                request, event = waiting.get()
                deadline = int((time.time() + ANSWERED_WITHIN) * 1000)
                self._reply(
                    200,
                    event,
                    ("Lambda-Runtime-Aws-Request-Id", request),
                    ("Lambda-Runtime-Deadline-Ms", str(deadline)),
                    ("Lambda-Runtime-Invoked-Function-Arn", FUNCTION_ARN),
                    ("Lambda-Runtime-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"),
                )

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                match self.path.removeprefix("/2018-06-01/runtime/").split("/"):
                    case ["invocation", request, "response" | "error" as kind]:
                        answers.put((request, kind, body))
                        self._reply(202, b'{"status":"OK"}')
                    case ["init", "error"]:
                        answers.put(("its start", "error", body))
                        self._reply(202, b'{"status":"OK"}')
                    case _:
                        self._reply(404, b"")

            def _reply(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
                self.send_response(status)
                for name, value in (*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Requests are not worth a line each."""

        return Handler

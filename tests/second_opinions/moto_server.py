"""moto's server as a process."""

import re
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from real_clients.process import STARTED_WITHIN, Process

# Whose every request is that is not signed with a key of moto's own making.
ACCOUNT = "123456789012"

RUNNING = re.compile(r"Running on (http://127\.0\.0\.1:\d+)")


class MotoServer:
    """moto on a free loopback port until its `with` is left."""

    def __init__(self) -> None:
        arguments = ("-m", "moto.server", "-H", "127.0.0.1", "-p", "0")
        self._process = Process(Path(sys.executable), *arguments, environment={"AWS_EC2_METADATA_DISABLED": "true"})
        self.endpoint = ""

    def __enter__(self) -> Self:
        self._process.__enter__()
        try:
            self.endpoint = self._announced()
        except BaseException:
            self._process.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # It logs every request, and what a failure is about is not there but in what was asked.
        self._process.__exit__(None, None, None)

    def _announced(self) -> str:
        until = time.monotonic() + STARTED_WITHIN
        while self._process.lives() and time.monotonic() < until:
            if found := RUNNING.search(self._process.said()):
                return found.group(1)
            time.sleep(0.02)
        raise RuntimeError(f"moto does not start: {self._process.said()}")

"""A built binary as a child process that never outlives the run."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

# Both far longer than it takes: a process that hangs has to end the run all the same.
STARTED_WITHIN = 20.0
ENDED_WITHIN = 5.0


class Process:
    """Runs with exactly the given environment; leaving its `with` sends SIGTERM."""

    def __init__(self, binary: Path, *arguments: str, environment: Mapping[str, str]) -> None:
        self.name = binary.name
        # A file and not a pipe, which would fill up and stop the process.
        self._output = tempfile.TemporaryFile()
        self._child = subprocess.Popen(
            [binary, *arguments],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.terminate()
        try:
            self._child.wait(ENDED_WITHIN)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if error is not None and (said := self.said()):
            print(f"--- {self.name} ---\n{said}", flush=True)
        self._output.close()

    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._child.poll() is None

    def said(self) -> str:
        """Everything it has written so far."""
        # Not by seeking, which would move the place where the process writes next.
        file = self._output.fileno()
        return os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace")

    def announced(self) -> dict[str, Any]:
        """The JSON document that it writes once it is ready."""
        until = time.monotonic() + STARTED_WITHIN
        while self.lives() and time.monotonic() < until:
            try:
                document: dict[str, Any] = json.loads(self.said())
            except json.JSONDecodeError:
                # Nothing yet, or a part of it.
                time.sleep(0.02)
            else:
                return document
        raise RuntimeError(f"{self.name} announced nothing")

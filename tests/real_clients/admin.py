"""What an admin does at the command line, with the built `grantctl`."""

import json
import subprocess
from pathlib import Path
from typing import Any


class Admin:
    """Whoever looks after the hub's policy."""

    def __init__(self, binaries: Path, environment: dict[str, str], hub: str) -> None:
        self._binary = binaries / "grantctl"
        self._environment = environment
        self._mean_it = ("--yes", "--account", hub)

    def sees(self, *arguments: str) -> Any:
        """The document that a `grantctl policy` command prints; it has to succeed."""
        command = [self._binary, "policy", *arguments, "--format", "json"]
        ended = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=60, check=False)
        if ended.returncode != 0:
            raise AssertionError(f"grantctl policy {' '.join(arguments)}: {ended.returncode}: {ended.stderr}")
        return json.loads(ended.stdout)

    def writes(self, *arguments: str) -> Any:
        """The same for a command that asks whether it is meant."""
        return self.sees(*arguments, *self._mean_it)

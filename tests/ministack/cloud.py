"""MiniStack as a process: TLS, IAM enforced, function binaries run natively."""

import os
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config

REGION = "us-east-1"
# Of every account's root user: MiniStack takes an account's twelve digits for its root user's key.
SECRET = "root"
# Far longer than it takes, so that a run always ends.
READY_WITHIN = 30.0
ENDED_WITHIN = 2.0


class Cloud:
    """A MiniStack for one account's hub and the members' roles; leaving its `with` ends it and its functions."""

    def __init__(self, program: Path, account: str, directory: Path) -> None:
        self.account = account
        self.certificate = directory / "certificate.pem"
        key = directory / "key.pem"
        make_certificate(self.certificate, key)
        self.address = f"https://127.0.0.1:{free_port()}"
        self._log = directory / "ministack.log"
        # Its functions inherit all of this, so that they are deployed as they are and still find it.
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "TMPDIR": str(directory),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": self.address.rpartition(":")[2],
            "MINISTACK_ACCOUNT_ID": account,
            "MINISTACK_REGION": REGION,
            "LAMBDA_EXECUTOR": "local",
            "AUTH": "true",
            # The queues' policies refuse whoever does not come over TLS.
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(self.certificate),
            "MINISTACK_SSL_KEY": str(key),
            "SSL_CERT_FILE": str(self.certificate),
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": self.address,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [program],
                env=environment,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A group of its own, which its functions join.
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        trust = ssl.create_default_context(cafile=str(self.certificate))
        until = time.monotonic() + READY_WITHIN
        while self._process.poll() is None and time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.address}/_ministack/health", timeout=2, context=trust):
                    return self
            except urllib.error.URLError:
                time.sleep(0.05)
        self._end()
        raise RuntimeError(f"MiniStack does not start:\n{self.said()}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        if error is not None:
            print(f"--- MiniStack ---\n{self.said()}", flush=True)

    def client(self, service: str, account: str | None = None, secret: str = SECRET) -> Any:
        """A client of a service, with the rights of an account's root user, or of whose key and secret it is given."""
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.address,
            aws_access_key_id=account or self.account,
            aws_secret_access_key=secret,
            verify=str(self.certificate),
            config=Config(s3={"addressing_style": "path"}),
        )

    def allows(self, account: str, role: str, action: str, resource: str) -> bool:
        """Whether IAM's simulator lets a role of an account do this."""
        simulated = self.client("iam", account).simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{account}:role/{role}", ActionNames=[action], ResourceArns=[resource]
        )
        decision: str = simulated["EvaluationResults"][0]["EvalDecision"]
        return decision == "allowed"

    def said(self) -> str:
        """The end of what it and its functions have written."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-200:])

    def _end(self) -> None:
        # The functions too, while it can still take notice. It waits long for clients that keep their connections.
        for ending, patience in ((signal.SIGTERM, ENDED_WITHIN), (signal.SIGKILL, None)):
            try:
                os.killpg(self._process.pid, ending)
                self._process.wait(patience)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def make_certificate(certificate: Path, key: Path) -> None:
    """A certificate for the loopback address that vouches for itself; one that may sign others would be refused."""
    extensions = ("subjectAltName=IP:127.0.0.1", "basicConstraints=critical,CA:FALSE")
    kind = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=ministack".split()
    added = [argument for extension in extensions for argument in ("-addext", extension)]
    command = ["openssl", "req", "-x509", *kind, *added, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)

"""The door to the pretend AWS for functions that MiniStack runs: it asks IAM first.

MiniStack enforces IAM for the services it has. For License Manager, Organizations and Marketplace Agreement this gate
does: whose credentials signed a request is what STS says, whether they allow it is what IAM's simulator says of the
deployed role, and only then does the pretend AWS get the request, in the name of that account.
"""

import json
import threading
from collections import Counter
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from typing import Any

from ministack.cloud import Cloud
from real_clients.loopback import Loopback

# The IAM prefix of each service, by what its protocol calls it.
PREFIXES = {
    "AWSLicenseManager": "license-manager",
    "AWSOrganizationsV20161128": "organizations",
    "AWSMPCommerceService_v20200301": "aws-marketplace",
}
# What SDKs call these services in AWS_ENDPOINT_URL_<SERVICE>.
SERVICES = ("LICENSE_MANAGER", "ORGANIZATIONS", "MARKETPLACE_AGREEMENT")
# The member that names what an action is about; the others have no resource-level rights.
RESOURCES = {
    "CreateGrant": "LicenseArn",
    "CreateGrantVersion": "GrantArn",
    "DeleteGrant": "GrantArn",
    "AcceptGrant": "GrantArn",
    "GetGrant": "GrantArn",
}


class Gate(Loopback):
    """Listens while its `with` lasts; `/<function>` is where that function goes through."""

    def __init__(self, cloud: Cloud, simulator: str, roles: dict[str, str], member_role: str) -> None:
        self.allowed: Counter[tuple[str, str]] = Counter()
        self.refused: list[tuple[str, str, str, str]] = []
        self.simulator = simulator.removeprefix("http://")
        self._cloud = cloud
        self._roles = roles
        self._member_role = member_role
        self._sts = cloud.client("sts")
        self._accounts: dict[str, str] = {}
        self._decisions: dict[tuple[str, str, str, str], bool] = {}
        self._one_at_a_time = threading.Lock()
        super().__init__(type("Passage", (Passage,), {"gate": self}))

    def endpoints(self, function: str) -> dict[str, str]:
        """The variables that lead a function's clients through here."""
        address = f"http://{self.address}/{function}"
        return {f"AWS_ENDPOINT_URL_{service}": address for service in SERVICES}

    def admit(self, function: str, key: str, service: str, operation: str, body: dict[str, Any]) -> tuple[str, bool]:
        """The account whose credentials these are, and whether their role allows the call."""
        with self._one_at_a_time:
            if key not in self._accounts:
                self._accounts[key] = self._sts.get_access_key_info(AccessKeyId=key)["Account"]
            account = self._accounts[key]
            # A function has its role's credentials, or those of the role that it assumed in a member account.
            role = self._roles[function] if account == self._cloud.account else self._member_role
            action = f"{PREFIXES[service]}:{operation}"
            question = (account, role, action, str(body.get(RESOURCES.get(operation, ""), "*")))
            if question not in self._decisions:
                self._decisions[question] = self._cloud.allows(*question)
            allows = self._decisions[question]
            if allows:
                self.allowed[role, action] += 1
            else:
                self.refused.append(question)
            return account, allows


class Passage(BaseHTTPRequestHandler):
    """One request: admitted and handed on, or refused."""

    gate: Gate
    protocol_version = "HTTP/1.1"
    # Without it small replies wait for the client's acknowledgement timer.
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Every call of these three services is a POST."""
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        _, function, path = self.path.split("/", 2)
        key = self.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
        if target := self.headers.get("X-Amz-Target"):
            service, operation = target.split(".")
            body = json.loads(sent)
        else:
            # RPC v2 CBOR: service/<name>/operation/<name>; Marketplace Agreement has no resource-level rights.
            _, service, _, operation = path.split("/")
            body = {}
        account, allows = self.gate.admit(function, key, service, operation, body)
        if not allows:
            refusal = {"__type": "AccessDeniedException", "Message": f"not authorized to perform {operation}"}
            self._reply(400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(refusal).encode())
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        # The pretend AWS takes twelve digits for the account that they are.
        headers["authorization"] = headers["authorization"].replace(f"Credential={key}/", f"Credential={account}/")
        onward = HTTPConnection(self.gate.simulator, timeout=20)
        try:
            onward.request("POST", f"/{path}", sent, headers)
            reply = onward.getresponse()
            content = reply.read()
            self._reply(reply.status, dict(reply.getheaders()), content)
        finally:
            onward.close()

    def _reply(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *values: object) -> None:
        """Nothing: what matters is counted."""

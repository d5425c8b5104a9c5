"""What no client sends: bodies that nobody can read, operations and services that do not exist."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

from . import document
from .document import Unreadable
from .finding import Finding, Findings
from .simulator import Simulator, session

JSON_SERVICES = (
    "license-manager",
    "organizations",
    "marketplace-agreement",
    "cloudtrail",
    "service-quotas",
    "sqs",
    "events",
    "dynamodb",
    "dynamodbstreams",
)
# An operation of each that needs nothing to be in its body but that it is one.
OPERATIONS = {
    "license-manager": "ListReceivedLicenses",
    "organizations": "ListAccounts",
    "marketplace-agreement": "SearchAgreements",
    "cloudtrail": "DescribeTrails",
    "service-quotas": "ListServices",
    "sqs": "ListQueues",
    "events": "ListRules",
    "dynamodb": "ListTables",
    "dynamodbstreams": "ListStreams",
}
UNREADABLE = (b"{", b"[]", b'"text"', b"\xff\xfe", b'{"a": }')
RPC = "/service/AWSMPCommerceService_v20200301/operation/"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass(frozen=True)
class Rubbish:
    """One request, and the codes it may be refused with."""

    service: str
    what: str
    path: str
    headers: dict[str, str]
    body: bytes
    codes: frozenset[str]


SERIALIZATION = frozenset({"SerializationException"})
UNKNOWN = frozenset({"UnknownOperationException"})
NO_ACTION = frozenset({"InvalidAction", "MissingAction"})


def everything() -> Iterator[Rubbish]:
    """All of it."""
    for service in JSON_SERVICES:
        metadata = session(None).get_service_model(service).metadata
        kind = f"application/x-amz-json-{metadata['jsonVersion']}"

        def target(operation: str, prefix: str = metadata["targetPrefix"], kind: str = kind) -> dict[str, str]:
            return {"Content-Type": kind, "X-Amz-Target": f"{prefix}.{operation}"}

        for body in UNREADABLE:
            yield Rubbish(service, f"{body!r}", "/", target(OPERATIONS[service]), body, SERIALIZATION)
        yield Rubbish(service, "no such operation", "/", target("NoSuchOperation"), b"{}", UNKNOWN)
        yield Rubbish(service, "no such service", "/", target("X", "NoSuchService"), b"{}", UNKNOWN)
    cbor = {"Content-Type": "application/cbor", "Smithy-Protocol": "rpc-v2-cbor"}
    for body in (b"\xbf\x61", b"\x80", b"\xff", b"\xa1\x61a"):
        yield Rubbish("marketplace-agreement", f"cbor {body!r}", f"{RPC}SearchAgreements", cbor, body, SERIALIZATION)
    yield Rubbish("marketplace-agreement", "cbor, no such operation", f"{RPC}NoSuchOperation", cbor, b"\xa0", UNKNOWN)
    for service, version in (("sts", "2011-06-15"), ("sns", "2010-03-31"), ("iam", "2010-05-08")):
        form = {"Content-Type": FORM}
        action = f"Action=NoSuchAction&Version={version}".encode()
        yield Rubbish(service, "no such action", "/", form, action, NO_ACTION)
        yield Rubbish(service, "no action", "/", form, f"Version={version}".encode(), NO_ACTION)


def throw(simulator: Simulator, findings: Findings) -> int:
    """Sends all of it; how much that was."""
    count = 0
    for rubbish in everything():
        count += 1
        status, body = send(simulator, rubbish)
        code = read(rubbish, body)
        if not 400 <= status < 500 or code not in rubbish.codes:
            expected = f"4xx {' or '.join(sorted(rubbish.codes))}"
            findings.add(Finding(rubbish.service, "rubbish", rubbish.what, "refusal", expected, f"{status} {code}"))
    return count


def send(simulator: Simulator, rubbish: Rubbish) -> tuple[int, bytes]:
    """Status and body of the answer."""
    scope = f"{simulator.account}/20261123/us-east-1/{rubbish.service}/aws4_request"
    headers = rubbish.headers | {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    }
    request = urllib.request.Request(f"{simulator.endpoint}{rubbish.path}", rubbish.body, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def read(rubbish: Rubbish, body: bytes) -> str:
    """The error's code; why there is none when there is none."""
    try:
        if rubbish.headers["Content-Type"] == FORM:
            return document.of_xml(body).findtext("Error/Code", "no code")
        read_body = document.of_cbor if rubbish.path.startswith(RPC) else document.of_json
        return str(read_body(body).get("__type", "no code")).rpartition("#")[2]
    except Unreadable as error:
        return str(error)

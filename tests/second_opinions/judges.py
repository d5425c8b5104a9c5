"""Whether the judges can say no: each kind of fault is shown to them once, and each must be found and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .breakage import breakages
from .comparison.difference import differences
from .comparison.player import REFUSED
from .document import of_element, of_xml
from .finding import Excuse, Finding, Findings
from .reply import Reply
from .shape import Wire, problems
from .simulator import session

GRANT = {
    "GrantArn": "arn:aws:license-manager::210987654321:grant:g-0123456789abcdef0123456789abcdef",
    "GrantName": "sample",
    "ParentArn": "arn:aws:license-manager::294406891311:license:l-0123456789abcdef0123456789abcdef",
    "LicenseArn": "arn:aws:license-manager::294406891311:license:l-0123456789abcdef0123456789abcdef",
    "GranteePrincipalArn": "arn:aws:iam::318204957731:root",
    "HomeRegion": "us-east-1",
    "GrantStatus": "ACTIVE",
    "Version": "1",
    "GrantedOperations": ["CheckoutLicense"],
}
ACCOUNT = {"Id": "318204957731", "Status": "ACTIVE", "JoinedTimestamp": 1_700_000_000.0, "Name": "payments"}

# An answer of License Manager's GetGrant with one thing wrong, and the kind of it.
GRANTS: list[tuple[Any, set[str]]] = [
    (GRANT, set()),
    (GRANT | {"Colour": "red"}, {"unknown member"}),
    ({name: value for name, value in GRANT.items() if name != "Version"}, {"missing"}),
    (GRANT | {"Version": 1}, {"type"}),
    (GRANT | {"Version": None}, {"null"}),
    (GRANT | {"GrantStatus": "SLEEPING"}, {"enum"}),
    (GRANT | {"GrantArn": "grant"}, {"pattern"}),
    (GRANT | {"GrantedOperations": []}, {"length"}),
    (GRANT | {"GrantedOperations": {"a": "b"}}, {"type"}),
    ("text", {"type"}),
]
# The same of Organizations' DescribeAccount, which has times.
ACCOUNTS: list[tuple[Any, set[str]]] = [
    (ACCOUNT, set()),
    (ACCOUNT | {"JoinedTimestamp": "yesterday"}, {"type"}),
    (ACCOUNT | {"Id": "31820495773"}, {"pattern"}),
    (ACCOUNT | {"Id": "3182049577311"}, {"length", "pattern"}),
    (ACCOUNT | {"Name": ""}, {"length"}),
    (ACCOUNT | {"Paths": "o-a"}, {"type"}),
]
JSON = {"content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "1"}


def run(_: Path) -> bool:
    """Shows them everything; whether they judged rightly."""
    wrong = 0
    count = 0
    for what, expected, found in everything():
        count += 1
        if expected != found:
            wrong += 1
            print(f"FINDING {what}: the judges should have said {expected}, and said {found}")
    print(f"{count} faults and sound answers shown")
    return not wrong


def everything() -> Iterator[tuple[str, Any, Any]]:
    """What is shown, what they should say, and what they say."""
    for member, service, operation, cases in (
        ("Grant", "license-manager", "GetGrant", GRANTS),
        ("Account", "organizations", "DescribeAccount", ACCOUNTS),
    ):
        shape = model(service, operation).output_shape
        for value, kinds in cases:
            found = {problem.kind for problem in problems({member: value}, shape, Wire.JSON)}
            yield f"{operation} {value}", kinds, found
    for show in (replies, xml, requests, comparisons, excuses):
        yield from show()


def model(service: str, operation: str) -> Any:
    """botocore's model of an operation."""
    return session(None).get_service_model(service).operation_model(operation)


def replies() -> Iterator[tuple[str, Any, Any]]:
    """What goes around an answer, and errors."""
    sound = json.dumps({"Grant": GRANT}).encode()
    error = b'{"__type": "%s", "Message": "no"}'
    cases: list[tuple[str, int, dict[str, str], bytes, set[str]]] = [
        ("sound", 200, JSON, sound, set()),
        ("content type", 200, JSON | {"content-type": "text/html"}, sound, {"header"}),
        ("request id", 200, JSON | {"x-amzn-requestid": ""}, sound, {"header"}),
        ("no JSON", 200, JSON, b"<html>", {"unreadable"}),
        ("sound error", 400, JSON, error % b"ValidationException", set()),
        ("namespace", 400, JSON, error % b"com.amazonaws.licensemanager#ValidationException", set()),
        ("stranger", 400, JSON, error % b"ResourceNotFoundException", {"unmodelled error"}),
        ("status", 500, JSON, error % b"ValidationException", {"status"}),
        ("fault's status", 400, JSON, error % b"ServerInternalException", {"status"}),
        ("no message", 400, JSON, b'{"__type": "ValidationException"}', {"message"}),
        (
            "more members",
            400,
            JSON,
            b'{"__type": "ValidationException", "Message": "", "A": 1}',
            {"message", "unknown member"},
        ),
    ]
    for what, status, headers, body, kinds in cases:
        reply = Reply(model("license-manager", "GetGrant"), "json", status, headers, body, {"Grant": GRANT})
        yield f"reply with {what}", kinds, {problem.kind for problem in reply.problems()}
    reply = Reply(model("license-manager", "GetGrant"), "json", 200, JSON, sound, {"Grant": GRANT | {"Version": 1}})
    found = {problem.kind for problem in reply.problems()}
    yield "botocore reads a number", {"ParamValidator, invalid type"}, found


def xml() -> Iterator[tuple[str, Any, Any]]:
    """XML as values, and what has no place in it."""
    shape = model("iam", "ListRolePolicies").output_shape
    for text, kinds in (
        ("<r><PolicyNames><member>a</member></PolicyNames><IsTruncated>false</IsTruncated></r>", set[str]()),
        ("<r><PolicyNames/><IsTruncated>no</IsTruncated></r>", {"type"}),
        ("<r><PolicyNames><member>a b</member></PolicyNames></r>", {"pattern"}),
        ("<r><PolicyNames/><Colour>red</Colour></r>", {"unknown member"}),
        ("<r/>", {"missing"}),
    ):
        value = of_element(of_xml(text.encode()), shape)
        yield text, kinds, {problem.kind for problem in problems(value, shape, Wire.XML)}


def requests() -> Iterator[tuple[str, Any, Any]]:
    """What is made of one sound request."""
    shape = model("organizations", "ListChildren").input_shape
    sound = {"ParentId": "r-9xk2", "ChildType": "ACCOUNT", "MaxResults": 3}
    found = {(breakage.place, breakage.kind) for breakage in breakages(sound, shape, types=True)}
    expected = {
        *(("ParentId", kind) for kind in ("missing", "too long", "pattern", "wrong type")),
        *(("ChildType", kind) for kind in ("missing", "enum", "wrong type")),
        *(("MaxResults", kind) for kind in ("too small", "too large", "wrong type")),
    }
    yield f"requests broken from {sound}", expected, found
    shape = model("events", "PutEvents").input_shape
    found = {(breakage.place, breakage.kind) for breakage in breakages({"Entries": [{}]}, shape, types=False)}
    yield "broken lists", {("Entries", kind) for kind in ("missing", "too few", "too many")}, found


def comparisons() -> Iterator[tuple[str, Any, Any]]:
    """Two answers beside each other."""
    refused = {REFUSED: "A", "status": 400}
    for one, other, kinds in (
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, set[str]()),
        ({"a": 1}, {"a": 2}, {"value"}),
        ({"a": 1}, {}, {"only moto"}),
        ({}, {"a": 1}, {"only simulator"}),
        ({"a": [1]}, {"a": [1, 2]}, {"number"}),
        (refused, {"a": 1}, {"refusal"}),
        (refused, refused | {REFUSED: "B"}, {"refusal"}),
        (refused, refused | {"status": 404}, {"refusal"}),
        (refused, refused, set[str]()),
    ):
        yield f"{one} and {other}", kinds, {difference.kind for difference in differences(one, other)}


def excuses() -> Iterator[tuple[str, Any, Any]]:
    """An excuse is for what it says, and for as long as it is needed."""
    excuse = Excuse("s", "*", "Items[].A*", "enum", "because")
    covered, other = Finding("s", "Op", "Items[].At", "enum", "", ""), Finding("s", "Op", "Items.At", "enum", "", "")
    for what, shown, lines in (
        ("an excused finding", [covered], 0),
        ("an excused finding and another", [covered, other], 1),
        ("an excuse for nothing", [], 1),
        ("the same finding twice", [covered, other, other], 1),
    ):
        findings = Findings([excuse])
        for finding in shown:
            findings.add(finding)
        yield what, lines, len(findings.lines())

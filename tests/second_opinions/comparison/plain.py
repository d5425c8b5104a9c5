"""Answers without what may differ: ids that each makes for itself, times, hosts."""

import datetime
import json
import re
from typing import Any

SET = "<set>"
TIME = "<time>"

# Each service makes its own, so only whether it is there can be compared.
GENERATED = {
    "AccessKeyId",
    "ApproximateFirstReceiveTimestamp",
    # What the simulator's organization is made from has no e-mail addresses.
    "Email",
    # For people.
    "ErrorMessage",
    "EventId",
    "LastEvaluatedKey",
    "MasterAccountEmail",
    "MessageId",
    "NextShardIterator",
    "NextToken",
    "ReceiptHandle",
    "SecretAccessKey",
    "SenderId",
    "SentTimestamp",
    "SequenceNumber",
    "SessionToken",
    # Of SNS's envelope.
    "Signature",
    "SigningCertURL",
    "ShardId",
    "ShardIterator",
    "StartingSequenceNumber",
    "LatestStreamLabel",
    "StreamLabel",
    "TableId",
    "Timestamp",
    "eventID",
    # Of an event's envelope, which has no other.
    "id",
    "time",
}
# Where the order says something.
ORDERED = {"Messages", "Items", "Records", "Responses", "Entries", "KeySchema", "L"}
# What is JSON inside of JSON.
NESTED = {"Body", "EventPattern", "RedrivePolicy"}

HOST = re.compile(r"^https?://[^/]+/")
ROLE = re.compile(r"\bAROA[A-Z0-9]+")
STREAM = re.compile(r"/stream/.*$")


def plain(value: Any, name: str = "") -> Any:
    """A value that can be compared with the other's."""
    if name in GENERATED and value:
        return SET
    if isinstance(value, datetime.datetime):
        return TIME
    if isinstance(value, dict):
        members = {key: plain(item, key) for key, item in value.items() if key != "ResponseMetadata"}
        if isinstance(members.get("Body"), dict):
            # Of a body with an id and a time in it.
            members["MD5OfBody"] = SET
        return members
    if isinstance(value, list):
        items = [plain(item) for item in value]
        return items if name in ORDERED else sorted(items, key=repr)
    if isinstance(value, str):
        if name in NESTED:
            try:
                return plain(json.loads(value))
            except ValueError:
                return value
        return ROLE.sub("<role>", STREAM.sub("/stream/<label>", HOST.sub("<host>/", value)))
    return value

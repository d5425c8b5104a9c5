"""EventBridge: an event on the default bus becomes a message."""

import json
from typing import Any

from ..player import Player

PATTERN = {"source": ["second.opinion"], "detail-type": ["Sample"], "detail": {"n": [{"numeric": [">", 1]}]}}
EVENT = {"Source": "second.opinion", "DetailType": "Sample", "Resources": ["arn:aws:example"]}
# What the rules for accounts and purchases are made of, and what each lets through.
PROBES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"detail": {"n": [7]}}, {"n": 7}),
    ({"detail": {"n": [7]}}, {"n": "7"}),
    ({"detail": {"n": [{"exists": False}]}}, {"m": 1}),
    ({"detail": {"n": [{"exists": True}]}}, {"m": 1}),
    ({"detail": {"n": [{"prefix": "ab"}]}}, {"n": "abc"}),
    ({"detail": {"n": [{"anything-but": ["ab"]}]}}, {"n": "abc"}),
    ({"detail": {"n": [{"anything-but": ["ab"]}]}}, {}),
    ({"detail": {"n": [None]}}, {"n": None}),
    ({"detail": {"a": {"b": ["x", "y"]}}}, {"a": {"b": "y"}}),
    ({"detail": {"n": ["x"]}}, {"n": ["w", "x"]}),
]


def play(ask: Player) -> None:
    """Everything."""
    url = ask("CreateQueue", of="sqs", QueueName="events")["QueueUrl"]
    queue = f"arn:aws:sqs:us-east-1:{ask.account}:events"
    rules(ask, queue)
    events(ask, url)
    probes(ask, url, queue)
    ends(ask)


def rules(ask: Player, queue: str) -> None:
    """A rule and its target."""
    ask("PutRule", Name="opinion", EventPattern=json.dumps(PATTERN))
    ask("PutRule", Name="opinion", EventPattern=json.dumps(PATTERN), State="ENABLED", Description="a sample")
    ask("PutRule", Name="opinion-wrong", EventPattern="no JSON")
    ask("PutRule", Name="opinion-wrong", EventPattern='{"source": "no list"}')
    ask("DescribeRule", Name="opinion")
    ask("DescribeRule", Name="nothing")
    ask("ListRules", NamePrefix="opinion")
    ask("PutTargets", Rule="opinion", Targets=[{"Id": "queue", "Arn": queue}])
    ask("PutTargets", Rule="nothing", Targets=[{"Id": "queue", "Arn": queue}])
    ask("ListTargetsByRule", Rule="opinion")
    ask("ListTargetsByRule", Rule="nothing")
    ask("DisableRule", Name="opinion")
    ask("DescribeRule", Name="opinion")
    ask("EnableRule", Name="opinion")
    ask("EnableRule", Name="nothing")
    ask("ListRuleNamesByTarget", TargetArn=queue)
    ask("ListRuleNamesByTarget", TargetArn=f"{queue}-not")
    ask("DescribeEventBus")
    ask("DescribeEventBus", Name="nothing")
    ask("ListEventBuses")
    # Not while it has targets.
    ask("DeleteRule", Name="opinion")


def events(ask: Player, url: str) -> None:
    """Events that match, that do not, and that are none."""
    ask("PutEvents", Entries=[EVENT | {"Detail": '{"n": 7}'}, EVENT | {"Detail": '{"n": 1}'}])
    ask("ReceiveMessage", of="sqs", QueueUrl=url, MaxNumberOfMessages=10)
    for wrong in ({"Detail": "no JSON"}, {"Detail": "[]"}, {}, {"Detail": "{}", "Source": ""}):
        ask("PutEvents", Entries=[EVENT | wrong])
    ask("PutEvents", Entries=[EVENT | {"Detail": "{}", "Source": "aws.second-opinion"}])
    ask("PutEvents", Entries=[])
    ask("PutEvents", Entries=[EVENT | {"Detail": "{}"}] * 11)
    event = {"source": "second.opinion", "detail-type": "Sample", "detail": {"n": 7}}
    envelope = {
        "id": "1",
        "account": ask.account,
        "time": "2026-11-11T21:29:54Z",
        "region": "us-east-1",
        "resources": [],
    }
    ask("TestEventPattern", EventPattern=json.dumps(PATTERN), Event=json.dumps(envelope | event))


def probes(ask: Player, url: str, queue: str) -> None:
    """Patterns of every kind in use."""
    for number, (pattern, detail) in enumerate(PROBES):
        rule = f"probe-{number}"
        ask("PutRule", Name=rule, EventPattern=json.dumps({"source": [rule], **pattern}))
        ask("PutTargets", Rule=rule, Targets=[{"Id": "queue", "Arn": queue}])
        ask("PutEvents", Entries=[{"Source": rule, "DetailType": "Probe", "Detail": json.dumps(detail)}])
        got = ask("ReceiveMessage", of="sqs", QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in got:
            ask("DeleteMessage", of="sqs", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def ends(ask: Player) -> None:
    """Rules go."""
    ask("RemoveTargets", Rule="opinion", Ids=["queue"])
    ask("RemoveTargets", Rule="nothing", Ids=["queue"])
    ask("ListTargetsByRule", Rule="opinion")
    ask("DeleteRule", Name="opinion")
    ask("DeleteRule", Name="nothing")
    ask("DescribeRule", Name="opinion")

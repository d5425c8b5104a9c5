"""EventBridge: rules on the default bus, events that match them, and entries that are refused one by one."""

import json

from ..desk import Desk

PATTERN = json.dumps(
    {"source": ["second.opinion"], "detail-type": ["Sample"], "detail": {"n": [{"numeric": [">", 1]}]}}
)
QUEUE = "arn:aws:sqs:us-east-1:210987654321:triggers"


def play(desk: Desk) -> None:
    """Everything."""
    rules(desk)
    targets(desk)
    buses(desk)
    events(desk)
    patterns(desk)
    ends(desk)


def rules(desk: Desk) -> None:
    """Rules are made, shown, and made again."""
    desk.call("PutRule", Name="second-opinion", EventPattern=PATTERN, State="ENABLED", Description="a sample")
    desk.call("PutRule", Name="second-opinion-2", EventPattern=PATTERN, State="DISABLED")
    desk.refused("PutRule", "InvalidEventPatternException", Name="wrong", EventPattern="no JSON")
    desk.refused("PutRule", "InvalidEventPatternException", Name="wrong", EventPattern='{"source": "no list"}')
    shown = desk.call("DescribeRule", Name="second-opinion")
    desk.expect("DescribeRule", "EventPattern", json.loads(shown["EventPattern"]) == json.loads(PATTERN), "it", shown)
    desk.call("DescribeRule", Name="second-opinion-2", EventBusName="default")
    desk.refused("DescribeRule", "ResourceNotFoundException", Name="nothing")
    desk.call("ListRules")
    mine = desk.call("ListRules", NamePrefix="second-opinion")["Rules"]
    desk.expect("ListRules", "Rules", len(mine) == 2, "two", mine)
    paged = desk.pages("ListRules", "Rules", Limit=1)
    desk.expect("ListRules", "Rules", len(paged) >= 2, "every one", paged)


def targets(desk: Desk) -> None:
    """What a rule sends to."""
    both = [{"Id": "one", "Arn": QUEUE}, {"Id": "two", "Arn": QUEUE, "SqsParameters": {"MessageGroupId": "g"}}]
    desk.call("PutTargets", Rule="second-opinion", Targets=both)
    desk.call("PutTargets", Rule="second-opinion", EventBusName="default", Targets=both[:1])
    desk.call("PutTargets", Rule="second-opinion-2", Targets=both[:1])
    desk.refused("PutTargets", "ResourceNotFoundException", Rule="nothing", Targets=both)
    listed = desk.call("ListTargetsByRule", Rule="second-opinion", EventBusName="default")["Targets"]
    desk.expect("ListTargetsByRule", "Targets", listed == both, "as they were put", listed)
    paged = desk.pages("ListTargetsByRule", "Targets", Rule="second-opinion", Limit=1)
    desk.expect("ListTargetsByRule", "Targets", len(paged) == 2, "two", paged)
    desk.refused("ListTargetsByRule", "ResourceNotFoundException", Rule="nothing")
    removed = desk.call("RemoveTargets", Rule="second-opinion", Ids=["two"])
    desk.expect("RemoveTargets", "FailedEntryCount", removed["FailedEntryCount"] == 0, "0", removed)
    desk.refused("RemoveTargets", "ResourceNotFoundException", Rule="nothing", Ids=["one"])
    desk.refused("DeleteRule", "ValidationException", Name="second-opinion")


def buses(desk: Desk) -> None:
    """The default bus, and rules by where they send to, switched off and on."""
    desk.call("DescribeEventBus")
    desk.call("DescribeEventBus", Name="default")
    desk.refused("DescribeEventBus", "ResourceNotFoundException", Name="nothing")
    desk.call("ListEventBuses")
    desk.call("ListEventBuses", NamePrefix="def", Limit=1)
    none = desk.call("ListEventBuses", NamePrefix="other")["EventBuses"]
    desk.expect("ListEventBuses", "EventBuses", none == [], "none", none)
    for operation in ("DisableRule", "EnableRule"):
        desk.call(operation, Name="second-opinion")
        desk.call(operation, Name="second-opinion", EventBusName="default")
        desk.refused(operation, "ResourceNotFoundException", Name="nothing")
    desk.refused("PutRule", "ResourceNotFoundException", Name="x", EventPattern=PATTERN, EventBusName="nothing")
    desk.call("ListRuleNamesByTarget", TargetArn=QUEUE)
    desk.pages("ListRuleNamesByTarget", "RuleNames", TargetArn=QUEUE, Limit=1)
    nothing = desk.call("ListRuleNamesByTarget", TargetArn=f"{QUEUE}-not")["RuleNames"]
    desk.expect("ListRuleNamesByTarget", "RuleNames", nothing == [], "none", nothing)


def events(desk: Desk) -> None:
    """Events, of which some are no events."""
    good = {"Source": "second.opinion", "DetailType": "Sample", "Detail": '{"n": 7}', "Resources": ["arn:aws:x"]}
    sent = desk.call("PutEvents", Entries=[good])
    desk.expect("PutEvents", "FailedEntryCount", sent["FailedEntryCount"] == 0, "0", sent)
    desk.call("PutEvents", Entries=[good | {"EventBusName": "default", "TraceHeader": "Root=1"}] * 10)
    wrong = [
        good | {"Source": "aws.second-opinion"},
        good | {"Detail": "no JSON"},
        good | {"Detail": "[]"},
        {name: value for name, value in good.items() if name != "Source"},
        {name: value for name, value in good.items() if name != "DetailType"},
        {name: value for name, value in good.items() if name != "Detail"},
    ]
    mixed = desk.call("PutEvents", Entries=[good, *wrong])
    codes = [entry.get("ErrorCode") for entry in mixed["Entries"]]
    expected = [None, "NotAuthorizedForSourceException", "MalformedDetail", "MalformedDetail", *["InvalidArgument"] * 3]
    desk.expect("PutEvents", "Entries[].ErrorCode", codes == expected, str(expected), codes)
    desk.expect("PutEvents", "FailedEntryCount", mixed["FailedEntryCount"] == 6, "6", mixed)


def patterns(desk: Desk) -> None:
    """Whether an event would match."""
    event = {
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": "Sample",
        "source": "second.opinion",
        "account": "210987654321",
        "time": "2026-11-11T21:29:54Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {"n": 7},
    }
    for detail, expected in ((7, True), (1, False)):
        text = json.dumps(event | {"detail": {"n": detail}})
        result = desk.call("TestEventPattern", EventPattern=PATTERN, Event=text)["Result"]
        desk.expect("TestEventPattern", "Result", result is expected, str(expected), result)
    desk.refused("TestEventPattern", "InvalidEventPatternException", EventPattern="no JSON", Event=json.dumps(event))


def ends(desk: Desk) -> None:
    """Rules go."""
    desk.call("RemoveTargets", Rule="second-opinion", Ids=["one"])
    desk.call("DeleteRule", Name="second-opinion")
    # Of a rule that is not there too.
    desk.call("DeleteRule", Name="second-opinion")
    desk.refused("DescribeRule", "ResourceNotFoundException", Name="second-opinion")

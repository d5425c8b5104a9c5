"""SNS: topics, who hears of what, and what they hear."""

import json
from typing import Any

from ..breakage import Params
from ..desk import Desk
from ..simulator import client


def play(desk: Desk) -> None:
    """Everything."""
    topic = topics(desk)
    subscriptions(desk, topic)
    messages(desk, topic)
    ends(desk, topic)


def topics(desk: Desk) -> str:
    """Topics are made, shown, listed and changed."""
    topic = str(desk.call("CreateTopic", Name="opinions", Attributes={"DisplayName": "Opinions"})["TopicArn"])
    same = desk.call("CreateTopic", Name="opinions")["TopicArn"]
    desk.expect("CreateTopic", "TopicArn", same == topic, topic, same)
    for name in ("", "no topic", "x" * 257):
        desk.refused("CreateTopic", "InvalidParameter", Name=name)
    desk.call("CreateTopic", Name="opinions-2")
    shown = desk.call("GetTopicAttributes", TopicArn=topic)["Attributes"]
    desk.expect("GetTopicAttributes", "DisplayName", shown.get("DisplayName") == "Opinions", "Opinions", shown)
    desk.call("SetTopicAttributes", TopicArn=topic, AttributeName="DisplayName", AttributeValue="Second & third < all")
    again = desk.call("GetTopicAttributes", TopicArn=topic)["Attributes"]
    desk.expect("SetTopicAttributes", "DisplayName", again["DisplayName"] == "Second & third < all", "as set", again)
    desk.refused("SetTopicAttributes", "InvalidParameter", TopicArn=topic, AttributeName="Nonsense", AttributeValue="1")
    nothing = {"TopicArn": f"{topic}-not"}
    desk.refused("SetTopicAttributes", "NotFound", **nothing, AttributeName="DisplayName", AttributeValue="x")
    desk.refused("GetTopicAttributes", "NotFound", **nothing)
    desk.call("ListTopics")
    desk.simulator.set_knobs(page_size=1)
    listed = desk.pages("ListTopics", "Topics")
    desk.expect("ListTopics", "Topics", {"TopicArn": topic} in listed, topic, listed)
    desk.simulator.set_knobs(page_size=100)
    desk.refused("ListTopics", "InvalidParameter", NextToken="made up")
    return topic


def subscriptions(desk: Desk, topic: str) -> None:
    """A queue hears at once, a person only when they say so."""
    queue = f"arn:aws:sqs:us-east-1:{desk.simulator.account}:heard"
    sqs: Any = client("sqs", desk.simulator.endpoint, desk.simulator.account)
    sqs.create_queue(QueueName="heard")
    sqs.create_queue(QueueName="heard-raw")
    one = desk.call("Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]
    same = desk.call("Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]
    desk.expect("Subscribe", "SubscriptionArn", same == one, one, same)
    raw: Params = {"Attributes": {"RawMessageDelivery": "true"}, "ReturnSubscriptionArn": True}
    desk.call("Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=f"{queue}-raw", **raw)
    person = desk.call("Subscribe", TopicArn=topic, Protocol="email", Endpoint="a@example.com")["SubscriptionArn"]
    desk.expect("Subscribe", "SubscriptionArn", person == "pending confirmation", "pending confirmation", person)
    desk.refused("Subscribe", "InvalidParameter", TopicArn=topic, Protocol="pigeon", Endpoint="x")
    desk.refused("Subscribe", "InvalidParameter", TopicArn=topic, Protocol="sqs", Endpoint="x")
    desk.refused("Subscribe", "NotFound", TopicArn=f"{topic}-not", Protocol="sqs", Endpoint=queue)

    desk.call("ListSubscriptions")
    desk.call("ListSubscriptionsByTopic", TopicArn=topic)
    desk.simulator.set_knobs(page_size=1)
    desk.expect(
        "ListSubscriptions", "Subscriptions", len(desk.pages("ListSubscriptions", "Subscriptions")) == 3, "3", 0
    )
    by_topic = desk.pages("ListSubscriptionsByTopic", "Subscriptions", TopicArn=topic)
    desk.expect("ListSubscriptionsByTopic", "Subscriptions", len(by_topic) == 3, "three", by_topic)
    desk.simulator.set_knobs(page_size=100)
    desk.refused("ListSubscriptionsByTopic", "NotFound", TopicArn=f"{topic}-not")
    desk.refused("ListSubscriptions", "InvalidParameter", NextToken="made up")

    shown = desk.call("GetSubscriptionAttributes", SubscriptionArn=one)["Attributes"]
    desk.expect("GetSubscriptionAttributes", "Endpoint", shown["Endpoint"] == queue, queue, shown)
    change = {"SubscriptionArn": one, "AttributeName": "RawMessageDelivery"}
    for value in ("true", "false"):
        desk.call("SetSubscriptionAttributes", **change, AttributeValue=value)
        now = desk.call("GetSubscriptionAttributes", SubscriptionArn=one)["Attributes"]
        desk.expect("SetSubscriptionAttributes", "RawMessageDelivery", now["RawMessageDelivery"] == value, value, now)
    nobody = f"{topic}:00000000-0000-4000-8000-000000000000"
    desk.refused("GetSubscriptionAttributes", "NotFound", SubscriptionArn=nobody)
    desk.refused(
        "SetSubscriptionAttributes", "NotFound", **(change | {"SubscriptionArn": nobody}), AttributeValue="true"
    )
    wrong = change | {"AttributeName": "Nonsense"}
    desk.refused("SetSubscriptionAttributes", "InvalidParameter", **wrong, AttributeValue="true")
    desk.call("Unsubscribe", SubscriptionArn=nobody)


def messages(desk: Desk, topic: str) -> None:
    """What is said, and what is heard."""
    attributes = {"kind": {"DataType": "String", "StringValue": "sample"}}
    said = {"TopicArn": topic, "Message": "one & two", "Subject": "A subject"}
    desk.call("Publish", **said, MessageAttributes=attributes)
    texts = json.dumps({"default": "for all", "sqs": "for queues"})
    desk.call("Publish", TopicArn=topic, Message=texts, MessageStructure="json")
    desk.call("Publish", TargetArn=topic, Message="to the target")
    sqs: Any = client("sqs", desk.simulator.endpoint, desk.simulator.account)
    url = sqs.get_queue_url(QueueName="heard")["QueueUrl"]
    heard = [json.loads(one["Body"]) for one in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
    words = sorted(one["Message"] for one in heard)
    desk.expect("Publish", "heard", words == ["for queues", "one & two", "to the target"], "all three", words)
    url = sqs.get_queue_url(QueueName="heard-raw")["QueueUrl"]
    raw = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    desk.expect("Publish", "heard raw", sorted(one["Body"] for one in raw) == words, "the same", raw)
    desk.refused("Publish", "NotFound", TopicArn=f"{topic}-not", Message="x")
    desk.refused("Publish", "InvalidParameter", TopicArn=topic, Message="")
    desk.refused("Publish", "InvalidParameter", TopicArn=topic, Message="x" * 262_145)
    desk.refused("Publish", "InvalidParameter", TopicArn=topic, Message="x", Subject="x" * 101)
    desk.refused("Publish", "InvalidParameter", TopicArn=topic, Message="no JSON", MessageStructure="json")


def ends(desk: Desk, topic: str) -> None:
    """Nobody listens any more."""
    for one in desk.call("ListSubscriptionsByTopic", TopicArn=topic)["Subscriptions"]:
        if one["SubscriptionArn"].startswith("arn:"):
            desk.call("Unsubscribe", SubscriptionArn=one["SubscriptionArn"])
    desk.call("DeleteTopic", TopicArn=topic)
    desk.call("DeleteTopic", TopicArn=topic)
    desk.refused("GetTopicAttributes", "NotFound", TopicArn=topic)
    desk.call("DeleteTopic", TopicArn=f"{topic}-2")

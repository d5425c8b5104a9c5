"""SNS: what is published reaches a queue, in SNS's envelope and without it."""

from ..player import Player


def play(ask: Player) -> None:
    """Everything."""
    queue = f"arn:aws:sqs:us-east-1:{ask.account}:heard"
    url = ask("CreateQueue", of="sqs", QueueName="heard")["QueueUrl"]
    topic = ask("CreateTopic", Name="opinions", Attributes={"DisplayName": "Opinions"})["TopicArn"]
    nowhere = f"{topic}-not"
    ask("CreateTopic", Name="opinions")
    ask("CreateTopic", Name="no topic")
    ask("ListTopics")
    ask("SetTopicAttributes", TopicArn=topic, AttributeName="DisplayName", AttributeValue="Second & third")
    ask("GetTopicAttributes", TopicArn=topic)
    ask("GetTopicAttributes", TopicArn=nowhere)

    subscription = ask("Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]
    ask.name("subscription", subscription)
    ask("Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue)
    ask("Subscribe", TopicArn=nowhere, Protocol="sqs", Endpoint=queue)
    ask("ListSubscriptions")
    ask("ListSubscriptionsByTopic", TopicArn=topic)
    ask("GetSubscriptionAttributes", SubscriptionArn=subscription)

    attributes = {"kind": {"DataType": "String", "StringValue": "sample"}}
    ask("Publish", TopicArn=topic, Message="one", Subject="A subject", MessageAttributes=attributes)
    hear(ask, url)
    raw = {"AttributeName": "RawMessageDelivery", "AttributeValue": "true"}
    ask("SetSubscriptionAttributes", SubscriptionArn=subscription, **raw)
    ask("Publish", TopicArn=topic, Message="two", MessageAttributes=attributes)
    hear(ask, url)
    ask("Publish", TopicArn=topic, Message='{"default": "all", "sqs": "queues"}', MessageStructure="json")
    hear(ask, url)
    ask("Publish", TopicArn=topic, Message="no JSON", MessageStructure="json")
    ask("Publish", TopicArn=topic, Message="x", Subject="x" * 101)
    ask("Publish", TopicArn=nowhere, Message="x")

    ask("Unsubscribe", SubscriptionArn=subscription)
    ask("ListSubscriptionsByTopic", TopicArn=topic)
    ask("DeleteTopic", TopicArn=topic)
    ask("DeleteTopic", TopicArn=topic)
    ask("ListTopics")


def hear(ask: Player, url: str) -> None:
    """Takes what the queue has."""
    got = ask("ReceiveMessage", of="sqs", QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    for message in got.get("Messages", []):
        ask("DeleteMessage", of="sqs", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

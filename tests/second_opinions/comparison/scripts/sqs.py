"""SQS: a message's life in queues of both kinds."""

import json
from typing import Any

from ..player import Player

ATTRIBUTES = {
    "kind": {"DataType": "String", "StringValue": "sample"},
    "raw": {"DataType": "Binary", "BinaryValue": b"x"},
}


def play(ask: Player) -> None:
    """Everything."""
    url = standard(ask)
    batches(ask, url)
    first_in_first_out(ask)
    dead_letters(ask)
    ask("GetQueueUrl", QueueName="nowhere")
    ask("CreateQueue", QueueName="no queue")
    nowhere = f"{url}-nowhere"
    ask("SendMessage", QueueUrl=nowhere, MessageBody="x")
    ask("ReceiveMessage", QueueUrl=nowhere)
    ask("DeleteMessage", QueueUrl=nowhere, ReceiptHandle="x")
    ask("GetQueueAttributes", QueueUrl=nowhere, AttributeNames=["All"])
    ask("SendMessage", QueueUrl=url, MessageBody="")
    ask("PurgeQueue", QueueUrl=nowhere)
    ask("PurgeQueue", QueueUrl=url)
    ask("PurgeQueue", QueueUrl=url)


def receive(ask: Player, url: str, **params: Any) -> list[Any]:
    """Messages of a queue."""
    messages: list[Any] = ask("ReceiveMessage", QueueUrl=url, **params).get("Messages", [])
    return messages


def standard(ask: Player) -> str:
    """One message and its queue."""
    settings = {"VisibilityTimeout": "45"}
    url = str(ask("CreateQueue", QueueName="opinions", Attributes=settings)["QueueUrl"])
    ask("CreateQueue", QueueName="opinions", Attributes=settings)
    ask("CreateQueue", QueueName="opinions", Attributes={"VisibilityTimeout": "46"})
    ask("CreateQueue", QueueName="other", Attributes={"Nonsense": "1"})
    ask("GetQueueUrl", QueueName="opinions")
    ask("ListQueues", QueueNamePrefix="opin")
    ask("GetQueueAttributes", QueueUrl=url, AttributeNames=["VisibilityTimeout", "QueueArn", "DelaySeconds"])
    ask("GetQueueAttributes", QueueUrl=url)
    ask("SetQueueAttributes", QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    ask("GetQueueAttributes", QueueUrl=url, AttributeNames=["VisibilityTimeout"])

    ask("SendMessage", QueueUrl=url, MessageBody="one", MessageAttributes=ATTRIBUTES)
    everything = {"MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]}
    got = receive(ask, url, **everything)
    receive(ask, url)
    handle = got[0]["ReceiptHandle"]
    ask("ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    again = receive(ask, url, MessageSystemAttributeNames=["ApproximateReceiveCount"], MessageAttributeNames=["kind"])
    ask("ChangeMessageVisibility", QueueUrl=url, ReceiptHandle="nonsense", VisibilityTimeout=0)
    ask("ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=43201)
    ask("GetQueueAttributes", QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"])
    ask("DeleteMessage", QueueUrl=url, ReceiptHandle="nonsense")
    ask("DeleteMessage", QueueUrl=url, ReceiptHandle=again[0]["ReceiptHandle"])
    ask("DeleteMessage", QueueUrl=url, ReceiptHandle=again[0]["ReceiptHandle"])
    receive(ask, url, MaxNumberOfMessages=11)
    receive(ask, url, MaxNumberOfMessages=10)
    return url


def batches(ask: Player, url: str) -> None:
    """Several at once."""
    entries = [{"Id": f"m{at}", "MessageBody": f"body {at}"} for at in range(3)]
    ask("SendMessageBatch", QueueUrl=url, Entries=entries)
    handles = [message["ReceiptHandle"] for message in receive(ask, url, MaxNumberOfMessages=10)]
    changes = [{"Id": f"c{at}", "ReceiptHandle": one, "VisibilityTimeout": 90} for at, one in enumerate(handles)]
    ask("ChangeMessageVisibilityBatch", QueueUrl=url, Entries=changes)
    deletions = [{"Id": f"d{at}", "ReceiptHandle": one} for at, one in enumerate(handles)]
    ask("DeleteMessageBatch", QueueUrl=url, Entries=[*deletions, {"Id": "wrong", "ReceiptHandle": "nonsense"}])
    ask("SendMessageBatch", QueueUrl=url, Entries=[])
    ask("SendMessageBatch", QueueUrl=url, Entries=[{"Id": f"{at}", "MessageBody": "x"} for at in range(11)])
    ask("SendMessageBatch", QueueUrl=url, Entries=[entries[0], entries[0]])
    ask("SendMessageBatch", QueueUrl=url, Entries=[{"Id": "a b", "MessageBody": "x"}])


def first_in_first_out(ask: Player) -> None:
    """Groups and duplicates."""
    settings = {"FifoQueue": "true", "ContentBasedDeduplication": "false"}
    url = ask("CreateQueue", QueueName="opinions.fifo", Attributes=settings)["QueueUrl"]
    ask("CreateQueue", QueueName="opinions-3", Attributes=settings)
    ask("CreateQueue", QueueName="opinions-3.fifo")
    for body, token in (("one", "1"), ("one", "1"), ("two", "2"), ("three", "3")):
        ask("SendMessage", QueueUrl=url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=token)
    ask("SendMessage", QueueUrl=url, MessageBody="other", MessageGroupId="h", MessageDeduplicationId="4")
    ask("SendMessage", QueueUrl=url, MessageBody="x")
    ask("SendMessage", QueueUrl=url, MessageBody="x", MessageGroupId="g")
    one = receive(ask, url, MessageSystemAttributeNames=["MessageGroupId", "MessageDeduplicationId"])
    receive(ask, url, MaxNumberOfMessages=10)
    if one:
        ask("DeleteMessage", QueueUrl=url, ReceiptHandle=one[0]["ReceiptHandle"])
    receive(ask, url, MaxNumberOfMessages=10)


def dead_letters(ask: Player) -> None:
    """A message that nobody can use."""
    dead = ask("CreateQueue", QueueName="opinions-dead")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ask.account}:opinions-dead"
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    url = ask("CreateQueue", QueueName="opinions-alive", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    ask("GetQueueAttributes", QueueUrl=url, AttributeNames=["RedrivePolicy"])
    ask("SendMessage", QueueUrl=url, MessageBody="unusable")
    receive(ask, url, VisibilityTimeout=0)
    receive(ask, url)
    receive(ask, dead, MessageSystemAttributeNames=["ApproximateReceiveCount", "DeadLetterQueueSourceArn"])
    ask("ListDeadLetterSourceQueues", QueueUrl=dead)
    ask("ListDeadLetterSourceQueues", QueueUrl=url)
    ask("TagQueue", QueueUrl=url, Tags={"team": "payments", "old": ""})
    ask("UntagQueue", QueueUrl=url, TagKeys=["old", "never there"])
    ask("ListQueueTags", QueueUrl=url)
    ask("ListQueueTags", QueueUrl=dead)
    ask("TagQueue", QueueUrl=f"{url}-nowhere", Tags={"a": "b"})
    ask("DeleteQueue", QueueUrl=url)
    ask("GetQueueUrl", QueueName="opinions-alive")
    ask("DeleteQueue", QueueUrl=f"{url}-nowhere")

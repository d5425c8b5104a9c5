"""SQS: standard and first-in-first-out queues, one message and ten, and where messages end that nobody can use."""

import json
from typing import Any

from ..desk import Desk

TEXT = {"kind": {"DataType": "String", "StringValue": "sample"}, "n": {"DataType": "Number", "StringValue": "7"}}
BINARY = {"raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"}}


def play(desk: Desk) -> None:
    """Everything."""
    url = queues(desk)
    messages(desk, url)
    batches(desk, url)
    first_in_first_out(desk)
    dead_letters(desk)
    upkeep(desk, url)
    ends(desk, url)


def queues(desk: Desk) -> str:
    """Queues are made, found, and changed."""
    url = str(desk.call("CreateQueue", QueueName="opinions", Attributes={"VisibilityTimeout": "45"})["QueueUrl"])
    same = desk.call("CreateQueue", QueueName="opinions", Attributes={"VisibilityTimeout": "45"})["QueueUrl"]
    desk.expect("CreateQueue", "QueueUrl", same == url, url, same)
    desk.refused("CreateQueue", "QueueNameExists", QueueName="opinions", Attributes={"VisibilityTimeout": "46"})
    desk.refused("CreateQueue", "InvalidParameterValue", QueueName="no queue")
    desk.refused("CreateQueue", "InvalidAttributeName", QueueName="other", Attributes={"Nonsense": "1"})
    desk.refused("CreateQueue", "InvalidAttributeValue", QueueName="other", Attributes={"VisibilityTimeout": "much"})
    found = desk.call("GetQueueUrl", QueueName="opinions")["QueueUrl"]
    desk.expect("GetQueueUrl", "QueueUrl", found == url, url, found)
    desk.refused("GetQueueUrl", "QueueDoesNotExist", QueueName="nowhere")
    desk.call("GetQueueUrl", QueueName="opinions", QueueOwnerAWSAccountId=desk.simulator.account)
    desk.call("ListQueues")
    mine = desk.call("ListQueues", QueueNamePrefix="opin").get("QueueUrls")
    desk.expect("ListQueues", "QueueUrls", mine == [url], "the one", mine)
    desk.call("ListQueues", QueueNamePrefix="none of these")
    desk.call("GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])
    some = desk.call("GetQueueAttributes", QueueUrl=url, AttributeNames=["VisibilityTimeout", "QueueArn"])["Attributes"]
    desk.expect("GetQueueAttributes", "Attributes", some.keys() == {"VisibilityTimeout", "QueueArn"}, "both", some)
    desk.call("GetQueueAttributes", QueueUrl=url)
    desk.refused("GetQueueAttributes", "QueueDoesNotExist", QueueUrl=f"{url}-not", AttributeNames=["All"])
    desk.call("SetQueueAttributes", QueueUrl=url, Attributes={"VisibilityTimeout": "60", "DelaySeconds": "0"})
    desk.refused("SetQueueAttributes", "InvalidAttributeName", QueueUrl=url, Attributes={"Nonsense": "1"})
    desk.refused("SetQueueAttributes", "QueueDoesNotExist", QueueUrl=f"{url}-not", Attributes={"DelaySeconds": "0"})
    return url


def receive(desk: Desk, url: str, **params: Any) -> list[Any]:
    """Messages of a queue."""
    messages: list[Any] = desk.call("ReceiveMessage", QueueUrl=url, **params).get("Messages", [])
    return messages


def messages(desk: Desk, url: str) -> None:
    """One message's life."""
    sent = desk.call("SendMessage", QueueUrl=url, MessageBody="one", MessageAttributes=TEXT | BINARY)
    got = receive(desk, url, MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"], WaitTimeSeconds=0)
    desk.expect("ReceiveMessage", "Messages", len(got) == 1, "one", got)
    message = got[0]
    same = [sent["MD5OfMessageBody"] == message["MD5OfBody"], message["MessageAttributes"] == TEXT | BINARY]
    same.append(sent["MD5OfMessageAttributes"] == message["MD5OfMessageAttributes"])
    desk.expect("ReceiveMessage", "Messages[]", all(same), "what was sent", message)
    handle = message["ReceiptHandle"]
    desk.expect("ReceiveMessage", "hidden", receive(desk, url) == [], "nothing else", got)
    desk.call("ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    again = receive(desk, url, AttributeNames=["ApproximateReceiveCount"], MessageAttributeNames=["kind"])
    count = again[0]["Attributes"]["ApproximateReceiveCount"]
    desk.expect("ReceiveMessage", "ApproximateReceiveCount", count == "2", "2", again)
    desk.refused(
        "ChangeMessageVisibility", "InvalidParameterValue", QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=43201
    )
    nonsense = {"QueueUrl": url, "ReceiptHandle": "nonsense"}
    desk.refused("ChangeMessageVisibility", "ReceiptHandleIsInvalid", **nonsense, VisibilityTimeout=1)
    desk.refused("DeleteMessage", "ReceiptHandleIsInvalid", **nonsense)
    handle = again[0]["ReceiptHandle"]
    desk.call("DeleteMessage", QueueUrl=url, ReceiptHandle=handle)
    desk.call("DeleteMessage", QueueUrl=url, ReceiptHandle=handle)
    desk.refused("ReceiveMessage", "InvalidParameterValue", QueueUrl=url, MaxNumberOfMessages=11)
    desk.refused("ReceiveMessage", "QueueDoesNotExist", QueueUrl=f"{url}-not")
    desk.refused("SendMessage", "QueueDoesNotExist", QueueUrl=f"{url}-not", MessageBody="x")
    desk.refused("SendMessage", "InvalidParameterValue", QueueUrl=url, MessageBody="x" * 1_048_577)
    desk.call("SendMessage", QueueUrl=url, MessageBody="later", DelaySeconds=900)
    desk.expect("SendMessage", "DelaySeconds", receive(desk, url) == [], "nothing yet", url)


def batches(desk: Desk, url: str) -> None:
    """Ten at a time, of which some may fail."""
    entries = [{"Id": f"m{at}", "MessageBody": f"body {at}", "MessageAttributes": TEXT} for at in range(9)]
    entries.append({"Id": "wrong", "MessageBody": ""})
    sent = desk.call("SendMessageBatch", QueueUrl=url, Entries=entries)
    shape = (len(sent.get("Successful", [])), len(sent.get("Failed", [])))
    desk.expect("SendMessageBatch", "Successful", shape == (9, 1), "nine, and one failed", sent)
    got = receive(desk, url, MaxNumberOfMessages=10, VisibilityTimeout=30)
    handles = [message["ReceiptHandle"] for message in got]
    changes = [{"Id": f"c{at}", "ReceiptHandle": handle, "VisibilityTimeout": 90} for at, handle in enumerate(handles)]
    changes.append({"Id": "wrong", "ReceiptHandle": "nonsense", "VisibilityTimeout": 1})
    desk.call("ChangeMessageVisibilityBatch", QueueUrl=url, Entries=changes)
    deletions = [{"Id": f"d{at}", "ReceiptHandle": handle} for at, handle in enumerate(handles)]
    deleted = desk.call("DeleteMessageBatch", QueueUrl=url, Entries=[*deletions, {"Id": "w", "ReceiptHandle": "no"}])
    desk.expect("DeleteMessageBatch", "Failed", [one["Id"] for one in deleted["Failed"]] == ["w"], "one", deleted)
    for operation, entry in (
        ("SendMessageBatch", {"MessageBody": "x"}),
        ("DeleteMessageBatch", {"ReceiptHandle": "x"}),
        ("ChangeMessageVisibilityBatch", {"ReceiptHandle": "x", "VisibilityTimeout": 1}),
    ):
        many = [{"Id": f"{at}", **entry} for at in range(11)]
        desk.refused(operation, "EmptyBatchRequest", QueueUrl=url, Entries=[])
        desk.refused(operation, "TooManyEntriesInBatchRequest", QueueUrl=url, Entries=many)
        desk.refused(operation, "BatchEntryIdsNotDistinct", QueueUrl=url, Entries=[many[0], many[0]])
        desk.refused(operation, "InvalidBatchEntryId", QueueUrl=url, Entries=[{"Id": "a b", **entry}])
        desk.refused(operation, "QueueDoesNotExist", QueueUrl=f"{url}-not", Entries=[many[0]])


def first_in_first_out(desk: Desk) -> None:
    """Groups, and what is sent twice."""
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "false"}
    url = desk.call("CreateQueue", QueueName="opinions.fifo", Attributes=attributes)["QueueUrl"]
    desk.refused("CreateQueue", "InvalidParameterValue", QueueName="opinions2", Attributes=attributes)
    one = {"QueueUrl": url, "MessageBody": "one", "MessageGroupId": "g", "MessageDeduplicationId": "d"}
    first = desk.call("SendMessage", **one)
    second = desk.call("SendMessage", **one)
    desk.expect("SendMessage", "MessageDeduplicationId", first["MessageId"] == second["MessageId"], "the same", second)
    desk.refused("SendMessage", "MissingParameter", QueueUrl=url, MessageBody="one")
    desk.refused("SendMessage", "InvalidParameterValue", QueueUrl=url, MessageBody="one", MessageGroupId="g")
    desk.refused("SendMessage", "InvalidParameterValue", **one, DelaySeconds=5)
    entry = {"Id": "a", "MessageBody": "two", "MessageGroupId": "g", "MessageDeduplicationId": "e"}
    desk.call("SendMessageBatch", QueueUrl=url, Entries=[entry])
    got = receive(desk, url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"])
    bodies = [message["Body"] for message in got]
    desk.expect("ReceiveMessage", "order", bodies == ["one", "two"], "one, two", bodies)
    desk.call("GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])
    desk.call("DeleteMessage", QueueUrl=url, ReceiptHandle=got[0]["ReceiptHandle"])


def dead_letters(desk: Desk) -> None:
    """A message that was received too often."""
    dead = desk.call("CreateQueue", QueueName="opinions-dead")["QueueUrl"]
    arn = desk.call("GetQueueAttributes", QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    url = desk.call("CreateQueue", QueueName="opinions-alive", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    desk.refused("SetQueueAttributes", "InvalidAttributeValue", QueueUrl=url, Attributes={"RedrivePolicy": "nothing"})
    desk.call("SendMessage", QueueUrl=url, MessageBody="unusable")
    receive(desk, url, VisibilityTimeout=0)
    receive(desk, url)
    moved = receive(desk, dead, MessageSystemAttributeNames=["All"])
    desk.expect("ReceiveMessage", "dead letters", len(moved) == 1, "the message", moved)
    desk.call("GetQueueAttributes", QueueUrl=url, AttributeNames=["RedrivePolicy"])


def upkeep(desk: Desk, url: str) -> None:
    """Tags, and dead letters on their way back."""
    desk.call("TagQueue", QueueUrl=url, Tags={"team": "search"})
    desk.call("TagQueue", QueueUrl=url, Tags={"team": "payments", "old": ""})
    desk.call("UntagQueue", QueueUrl=url, TagKeys=["old"])
    desk.call("UntagQueue", QueueUrl=url, TagKeys=["never there"])
    tags = desk.call("ListQueueTags", QueueUrl=url).get("Tags")
    desk.expect("ListQueueTags", "Tags", tags == {"team": "payments"}, "one", tags)
    dead = desk.call("GetQueueUrl", QueueName="opinions-dead")["QueueUrl"]
    desk.call("ListQueueTags", QueueUrl=dead)
    sources = desk.call("ListDeadLetterSourceQueues", QueueUrl=dead)["queueUrls"]
    desk.expect("ListDeadLetterSourceQueues", "queueUrls", len(sources) == 1, "one", sources)
    desk.call("ListDeadLetterSourceQueues", QueueUrl=url)
    nowhere = {"QueueUrl": f"{url}-not"}
    desk.refused("TagQueue", "QueueDoesNotExist", **nowhere, Tags={"a": "b"})
    desk.refused("UntagQueue", "QueueDoesNotExist", **nowhere, TagKeys=["a"])
    desk.refused("ListQueueTags", "QueueDoesNotExist", **nowhere)
    desk.refused("ListDeadLetterSourceQueues", "QueueDoesNotExist", **nowhere)

    arn = desk.call("GetQueueAttributes", QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    desk.call("StartMessageMoveTask", SourceArn=arn)
    desk.call("ListMessageMoveTasks", SourceArn=arn, MaxResults=10)
    desk.call("ListMessageMoveTasks", SourceArn=arn)
    missing = f"{arn}-not"
    desk.refused("StartMessageMoveTask", "ResourceNotFoundException", SourceArn=missing)
    desk.refused("ListMessageMoveTasks", "ResourceNotFoundException", SourceArn=missing)
    for handle in ("nonsense", "more nonsense", "bm8gdGFzaw=="):
        desk.refused("CancelMessageMoveTask", "ResourceNotFoundException", TaskHandle=handle)
    alive = desk.call("GetQueueUrl", QueueName="opinions-alive")["QueueUrl"]
    alive_arn = arn.replace("opinions-dead", "opinions-alive")
    desk.refused("StartMessageMoveTask", "InvalidParameterValue", SourceArn=alive_arn)
    desk.call("DeleteQueue", QueueUrl=alive)
    desk.refused("GetQueueUrl", "QueueDoesNotExist", QueueName="opinions-alive")
    desk.refused("CreateQueue", "QueueDeletedRecently", QueueName="opinions-alive")
    desk.call("DeleteQueue", QueueUrl=dead)
    desk.refused("DeleteQueue", "QueueDoesNotExist", **nowhere)


def ends(desk: Desk, url: str) -> None:
    """A queue is emptied."""
    desk.call("PurgeQueue", QueueUrl=url)
    desk.refused("PurgeQueue", "PurgeQueueInProgress", QueueUrl=url)
    desk.refused("PurgeQueue", "QueueDoesNotExist", QueueUrl=f"{url}-not")

"""Every known difference between moto and the simulator, with the reason why it is one.

The reason says who is right. Where it is moto, the simulator has to be mended and the difference has no place here.
"""

from ..finding import Excuse

NOT_CHECKED = "moto does not check this; AWS refuses it"
CAPACITY = "moto says what a call used although nobody asked; AWS only who sets ReturnConsumedCapacity"
ENGINE = (
    "the embedded engine has a Region and an account of its own; they stand in its ARNs only, which go back to it alone"
)
LEFT_OUT = "moto leaves out what AWS answers"
MORE = "optional, and newer than the embedded engine"
BUS = (
    "moto's only check of an entry's Detail is that it is JSON; EventBridge wants an object (API_PutEventsRequestEntry)"
)


def _many(service: str, operation: str, places: str, kind: str, reason: str) -> list[Excuse]:
    return [Excuse(service, operation, place, kind, reason) for place in places.split()]


DIFFERENCES: list[Excuse] = [
    # Organizations
    Excuse("organizations", "*Account*", "*Paths", "only simulator", "moto leaves out Paths, which newer models have"),
    Excuse(
        "organizations",
        "DescribeOrganization",
        "Organization.AvailablePolicyTypes[]",
        "number",
        "deprecated: `Do not use` (API_Organization); what it holds is not documented",
    ),
    Excuse(
        "organizations",
        "ListParents",
        "AccountNotFoundException / ChildNotFoundException",
        "refusal",
        "moto's error is not one of this operation's model",
    ),
    Excuse("organizations", "MoveAccount", "answer / SourceParentNotFoundException", "refusal", NOT_CHECKED),
    *(
        Excuse(
            "organizations",
            "MoveAccount",
            f"ParentNotFoundException / {code}",
            "refusal",
            "moto's error is not one of this operation's model",
        )
        for code in ("SourceParentNotFoundException", "DestinationParentNotFoundException")
    ),
    # STS
    Excuse("sts", "AssumeRole", "PackedPolicySize", "only moto", "moto says so without a policy; AWS only with one"),
    Excuse("sts", "AssumeRole", "answer / ValidationError", "refusal", NOT_CHECKED),
    Excuse(
        "sts", "AssumeRole", "answer / AccessDenied", "refusal", "moto lets anybody assume any role, even of nobody"
    ),
    Excuse("sts", "AssumeRole", "a failure / ValidationError", "refusal", "moto fails without a session name"),
    *_many(
        "sts",
        "GetCallerIdentity",
        "Arn UserId",
        "value",
        "moto makes up a user for keys that it did not make; here they are the account itself",
    ),
    # SQS
    Excuse("sqs", "CreateQueue", "answer / InvalidAttributeName", "refusal", NOT_CHECKED),
    Excuse("sqs", "CreateQueue", "answer / InvalidParameterValue", "refusal", NOT_CHECKED),
    Excuse("sqs", "SendMessage", "answer / InvalidParameterValue", "refusal", NOT_CHECKED),
    Excuse(
        "sqs",
        "GetQueueAttributes",
        "Attributes",
        "only simulator",
        "no attributes were asked for: an empty map or none",
    ),
    Excuse(
        "sqs",
        "ReceiveMessage",
        "Messages[].Attributes.ApproximateReceiveCount",
        "value",
        "whether a dead letter keeps the count of the queue that it comes from is not documented",
    ),
    Excuse("sqs", "ReceiveMessage", "Messages[].Attributes.DeadLetterQueueSourceArn", "only simulator", LEFT_OUT),
    # EventBridge
    Excuse("events", "DescribeRule", "CreatedBy", "only moto", "optional; here every rule is the account's own"),
    Excuse("events", "ListTargetsByRule", "answer / ResourceNotFoundException", "refusal", NOT_CHECKED),
    Excuse("events", "RemoveTargets", "answer / ResourceNotFoundException", "refusal", NOT_CHECKED),
    Excuse("events", "PutEvents", "answer / ValidationException", "refusal", NOT_CHECKED),
    *_many("events", "PutEvents", "Entries[].ErrorCode Entries[].ErrorMessage", "only simulator", BUS),
    Excuse("events", "PutEvents", "Entries[].EventId", "only moto", BUS),
    Excuse("events", "PutEvents", "FailedEntryCount", "value", BUS),
    Excuse(
        "events",
        "ReceiveMessage",
        "Messages",
        "only moto",
        "moto takes `anything-but` to match where the field is absent; EventBridge wants it there",
    ),
    Excuse("events", "ReceiveMessage", "Messages[].Body.account", "only simulator", LEFT_OUT),
    Excuse("events", "TestEventPattern", "Result", "only simulator", "moto does not have it and answers an empty body"),
    # DynamoDB
    *_many("dynamodb", "*", "*ConsumedCapacity *ItemCollectionMetrics", "only moto", CAPACITY),
    Excuse("dynamodb", "PutItem", "answer / ValidationException", "refusal", NOT_CHECKED),
    Excuse("dynamodb", "BatchWriteItem", "answer / ValidationException", "refusal", NOT_CHECKED),
    Excuse("dynamodb", "TransactWriteItems", "answer / IdempotentParameterMismatchException", "refusal", NOT_CHECKED),
    Excuse(
        "dynamodb",
        "Query",
        "ResourceNotFoundException / ValidationException",
        "refusal",
        "AWS's words for it: `The table does not have the specified index`, a ValidationException",
    ),
    *_many("dynamodb", "*", "*TableArn *StreamArn *.awsRegion", "value", ENGINE),
    *_many(
        "dynamodb",
        "*",
        "*TableStatus *IndexStatus",
        "value",
        "moto's tables are ready at once; at AWS they are CREATING first",
    ),
    *_many(
        "dynamodb",
        "*",
        "*IndexArn *IndexSizeBytes *.ItemCount *NumberOfDecreasesToday *TableId",
        "only simulator",
        LEFT_OUT,
    ),
    *_many("dynamodb", "*", "*WarmThroughput *DeletionProtectionEnabled", "only moto", MORE),
    Excuse("dynamodb", "*", "*LocalSecondaryIndexes", "only moto", "there are none: an empty list or none"),
    Excuse("dynamodb", "DescribeStream", "StreamDescription.KeySchema", "only moto", MORE),
    Excuse(
        "dynamodb",
        "DescribeStream",
        "StreamDescription.Shards[].SequenceNumberRange.EndingSequenceNumber",
        "only simulator",
        "the embedded engine says where the open shard is; AWS only where a shard ended",
    ),
    Excuse(
        "dynamodb", "GetRecords", "Records[].dynamodb.SizeBytes", "value", "each counts in its own way; nobody reads it"
    ),
    Excuse("dynamodb", "GetRecords", "Records[].eventVersion", "value", "1.1 is what AWS answers today"),
]

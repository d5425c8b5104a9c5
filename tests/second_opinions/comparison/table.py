"""Every known difference between moto and the simulator, with the reason why it is one.

The reason says who is right. Where it is moto, the simulator has to be mended and the difference has no place here.
"""

from ..finding import Excuse

PATHS = "moto leaves out where in the organization it is, which newer models have"
AT_ONCE = "moto makes accounts at once; at AWS that takes a while"
NOT_CHECKED = "moto does not check this; AWS refuses it"
CAPACITY = "moto says what a call used although nobody asked; AWS only who sets ReturnConsumedCapacity"
ENGINE = "the embedded engine has a Region and an account of its own, in what it says of itself and nowhere else"
LEFT_OUT = "moto leaves out what AWS answers"
MORE = "optional, and newer than the embedded engine"
BUS = (
    "moto checks of an entry that its Detail is JSON; EventBridge wants an object, and no source that begins with aws."
)


def _many(service: str, operation: str, places: str, kind: str, reason: str) -> list[Excuse]:
    return [Excuse(service, operation, place, kind, reason) for place in places.split()]


DIFFERENCES: list[Excuse] = [
    # Organizations
    Excuse("organizations", "*Account*", "*Paths", "only simulator", PATHS),
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
    Excuse("organizations", "*OrganizationalUnit*", "*.Path", "only simulator", PATHS),
    Excuse("organizations", "CreateOrganizationalUnit", "answer / ParentNotFoundException", "refusal", NOT_CHECKED),
    *_many(
        "organizations",
        "CreateAccount",
        "CreateAccountStatus.AccountId CreateAccountStatus.CompletedTimestamp",
        "only moto",
        AT_ONCE,
    ),
    Excuse("organizations", "CreateAccount", "CreateAccountStatus.State", "value", AT_ONCE),
    Excuse(
        "organizations",
        "DescribeAccount",
        "Account.State",
        "value",
        "moto's State is the same as its Status, which has no word for CLOSED",
    ),
    *(
        Excuse(
            "organizations",
            operation,
            f"{moto} / {here}",
            "refusal",
            "moto's error is not one of this operation's model",
        )
        for operation, moto, here in (
            ("DescribeCreateAccountStatus", "AccountNotFoundException", "CreateAccountStatusNotFoundException"),
        )
    ),
    *(
        Excuse(
            "organizations",
            operation,
            "AWSOrganizationsNotInUseException / AccountNotFoundException",
            "refusal",
            "moto takes an account that does not exist for the one that asks",
        )
        for operation in ("ListDelegatedServicesForAccount", "RemoveAccountFromOrganization")
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
    Excuse("sqs", "ListQueueTags", "Tags", "only moto", "there are none: an empty map or none"),
    # SNS
    *_many(
        "sns",
        "GetTopicAttributes",
        "Attributes.DeliveryPolicy Attributes.EffectiveDeliveryPolicy Attributes.Policy",
        "only moto",
        "here a topic has the policies that were set and no others",
    ),
    Excuse(
        "sns", "GetSubscriptionAttributes", "Attributes.ConfirmationWasAuthenticated", "only moto", "nobody reads it"
    ),
    Excuse(
        "sns",
        "ReceiveMessage",
        "Messages[].Body.SignatureVersion",
        "value",
        "1 unless the topic's attribute says otherwise (API_SetTopicAttributes)",
    ),
    Excuse(
        "sns",
        "ReceiveMessage",
        "Messages[].Body.UnsubscribeURL",
        "value",
        "moto's is always the same, of a subscription that is not there",
    ),
    # EventBridge
    *_many(
        "events",
        "ListEventBuses",
        "EventBuses[].CreationTime EventBuses[].LastModifiedTime",
        "only simulator",
        LEFT_OUT,
    ),
    Excuse("events", "DescribeRule", "CreatedBy", "only moto", "optional; here every rule is the account's own"),
    Excuse("events", "PutEvents", "answer / ValidationException", "refusal", NOT_CHECKED),
    *_many("events", "PutEvents", "Entries[].ErrorCode Entries[].ErrorMessage", "only simulator", BUS),
    Excuse("events", "PutEvents", "Entries[].EventId", "only moto", BUS),
    Excuse("events", "PutEvents", "FailedEntryCount", "value", BUS),
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

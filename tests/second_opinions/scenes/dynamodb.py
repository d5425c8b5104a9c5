"""DynamoDB: tables, items, conditions, indexes, transactions, statements, as far as the embedded engine has them."""

from typing import Any

from ..breakage import Params
from ..desk import Desk

TABLE = "opinions"
GROUP = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
DUE = {
    "IndexName": "due",
    "KeySchema": [{"AttributeName": "shard", "KeyType": "HASH"}, {"AttributeName": "due_at", "KeyType": "RANGE"}],
    "Projection": {"ProjectionType": "ALL"},
}
ATTRIBUTES = [
    {"AttributeName": "pk", "AttributeType": "S"},
    {"AttributeName": "sk", "AttributeType": "S"},
    {"AttributeName": "shard", "AttributeType": "N"},
    {"AttributeName": "due_at", "AttributeType": "N"},
]


def key(number: int) -> dict[str, Any]:
    """An item's key."""
    return {"pk": {"S": "LICENSE#1"}, "sk": {"S": f"GRANT#{number:03}"}}


def item(number: int) -> dict[str, Any]:
    """An item with an attribute of every type."""
    return key(number) | {
        "shard": {"N": "0"},
        "due_at": {"N": str(1_700_000_000 + number)},
        "blob": {"B": b"\x00\x01"},
        "flag": {"BOOL": True},
        "nothing": {"NULL": True},
        "list": {"L": [{"S": "a"}, {"N": "1.5"}]},
        "map": {"M": {"nested": {"S": "b"}}},
        "texts": {"SS": ["a", "b"]},
        "numbers": {"NS": ["1", "2"]},
        "blobs": {"BS": [b"a", b"b"]},
        "version": {"N": "1"},
    }


def play(desk: Desk) -> None:
    """Everything."""
    tables(desk)
    items(desk)
    updates(desk)
    queries(desk)
    batches(desk)
    transactions(desk)
    statements(desk)
    ends(desk)


def tables(desk: Desk) -> None:
    """Tables are made, shown, listed, changed and labelled."""
    desk.call(
        "CreateTable",
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=ATTRIBUTES,
        KeySchema=GROUP,
        GlobalSecondaryIndexes=[DUE],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    shown = desk.call("DescribeTable", TableName=TABLE)["Table"]
    desk.expect("DescribeTable", "TableStatus", shown["TableStatus"] == "ACTIVE", "ACTIVE", shown)
    capacity = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    plain: Params = {"AttributeDefinitions": ATTRIBUTES[:1], "KeySchema": GROUP[:1], "ProvisionedThroughput": capacity}
    desk.call("CreateTable", TableName="opinions-2", **plain, BillingMode="PROVISIONED")
    desk.call("DescribeTable", TableName="opinions-2")
    desk.refused("CreateTable", "ResourceInUseException", TableName="opinions-2", **plain)
    desk.refused("CreateTable", "ValidationException", TableName="x" * 300, **plain)
    desk.refused("DescribeTable", "ResourceNotFoundException", TableName="nothing")
    first = desk.call("ListTables", Limit=1)
    desk.expect("ListTables", "TableNames", len(first["TableNames"]) == 1, "one", first)
    desk.call("ListTables", ExclusiveStartTableName=first["LastEvaluatedTableName"])
    names = desk.call("ListTables")["TableNames"]
    desk.expect("ListTables", "TableNames", TABLE in names, TABLE, names)
    desk.call("UpdateTable", TableName="opinions-2", BillingMode="PAY_PER_REQUEST")
    stream = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    desk.call("UpdateTable", TableName="opinions-2", StreamSpecification=stream)
    desk.refused("UpdateTable", "ResourceNotFoundException", TableName="nothing", BillingMode="PAY_PER_REQUEST")
    lifetime: Params = {"Enabled": True, "AttributeName": "expires"}
    desk.call("UpdateTimeToLive", TableName=TABLE, TimeToLiveSpecification=lifetime)
    off = desk.call("DescribeTimeToLive", TableName="opinions-2")["TimeToLiveDescription"]
    desk.expect("DescribeTimeToLive", "TimeToLiveStatus", off == {"TimeToLiveStatus": "DISABLED"}, "off", off)
    desk.call("UpdateTimeToLive", TableName="opinions-2", TimeToLiveSpecification=lifetime)
    lives = desk.call("DescribeTimeToLive", TableName=TABLE)["TimeToLiveDescription"]
    desk.expect("DescribeTimeToLive", "AttributeName", lives.get("AttributeName") == "expires", "expires", lives)
    desk.refused("DescribeTimeToLive", "ResourceNotFoundException", TableName="nothing")
    desk.refused("UpdateTimeToLive", "ResourceNotFoundException", TableName="nothing", TimeToLiveSpecification=lifetime)
    arn = shown["TableArn"]
    desk.call("TagResource", ResourceArn=arn, Tags=[{"Key": "team", "Value": "payments"}, {"Key": "old", "Value": ""}])
    desk.call("UntagResource", ResourceArn=arn, TagKeys=["old"])
    tags = desk.call("ListTagsOfResource", ResourceArn=arn)["Tags"]
    desk.expect("ListTagsOfResource", "Tags", tags == [{"Key": "team", "Value": "payments"}], "one", tags)
    no_table = arn.replace(TABLE, "nothing")
    desk.refused("TagResource", "ResourceNotFoundException", ResourceArn=no_table, Tags=[{"Key": "a", "Value": "b"}])
    desk.refused("UntagResource", "ResourceNotFoundException", ResourceArn=no_table, TagKeys=["a"])
    desk.call("TagResource", ResourceArn=arn, Tags=[{"Key": "team", "Value": "search"}])
    desk.call("UntagResource", ResourceArn=arn, TagKeys=["team", "never there"])
    desk.call("ListTagsOfResource", ResourceArn=arn.replace(TABLE, "opinions-2"))
    none = desk.call("ListTagsOfResource", ResourceArn=arn).get("Tags", [])
    desk.expect("ListTagsOfResource", "Tags", none == [], "none", none)


def items(desk: Desk) -> None:
    """An item is put, read, put again on a condition, and deleted."""
    desk.call("PutItem", TableName=TABLE, Item=item(1))
    found = desk.call("GetItem", TableName=TABLE, Key=key(1), ConsistentRead=True)["Item"]
    desk.expect("GetItem", "Item", found.keys() == item(1).keys(), "all attributes", found)
    some = desk.call(
        "GetItem",
        TableName=TABLE,
        Key=key(1),
        ProjectionExpression="#m.nested, flag",
        ExpressionAttributeNames={"#m": "map"},
        ReturnConsumedCapacity="TOTAL",
    )
    desk.expect("GetItem", "ProjectionExpression", some["Item"].keys() == {"map", "flag"}, "map, flag", some)
    nothing = desk.call("GetItem", TableName=TABLE, Key=key(99))
    desk.expect("GetItem", "Item", "Item" not in nothing, "no item", nothing)
    fresh: Params = {"TableName": TABLE, "Item": item(1), "ConditionExpression": "attribute_not_exists(pk)"}
    desk.refused("PutItem", "ConditionalCheckFailedException", **fresh)
    desk.refused("PutItem", "ConditionalCheckFailedException", **fresh, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    old = desk.call("PutItem", TableName=TABLE, Item=item(1), ReturnValues="ALL_OLD", ReturnConsumedCapacity="INDEXES")
    desk.expect("PutItem", "Attributes", old["Attributes"].keys() == item(1).keys(), "the old item", old)
    desk.refused("PutItem", "ResourceNotFoundException", TableName="nothing", Item=item(1))
    desk.refused("PutItem", "ValidationException", TableName=TABLE, Item={"pk": {"S": "no sort key"}})
    desk.refused("PutItem", "ValidationException", TableName=TABLE, Item=item(1) | {"due_at": {"S": "no number"}})
    desk.refused("PutItem", "ValidationException", TableName=TABLE, Item=item(1) | {"huge": {"S": "x" * 409_600}})
    desk.refused("GetItem", "ValidationException", TableName=TABLE, Key={"pk": {"S": "a"}})
    desk.refused("GetItem", "ResourceNotFoundException", TableName="nothing", Key=key(1))
    unused: Params = {"ExpressionAttributeValues": {":unused": {"S": "x"}}}
    desk.refused("DeleteItem", "ValidationException", TableName=TABLE, Key=key(1), **unused)
    condition: Params = {"ConditionExpression": "version = :v", "ExpressionAttributeValues": {":v": {"N": "2"}}}
    desk.refused("DeleteItem", "ConditionalCheckFailedException", TableName=TABLE, Key=key(1), **condition)
    gone = desk.call("DeleteItem", TableName=TABLE, Key=key(1), ReturnValues="ALL_OLD")
    desk.expect("DeleteItem", "Attributes", "Attributes" in gone, "the old item", gone)
    desk.call("DeleteItem", TableName=TABLE, Key=key(1))


def updates(desk: Desk) -> None:
    """What an update does, and what it tells."""
    request: Params = {
        "TableName": TABLE,
        "Key": key(2),
        "UpdateExpression": "SET #v = if_not_exists(#v, :zero) + :one, labels = :names REMOVE flag",
        "ExpressionAttributeNames": {"#v": "version"},
        "ExpressionAttributeValues": {":zero": {"N": "0"}, ":one": {"N": "1"}, ":names": {"SS": ["a"]}},
    }
    for wanted in ("NONE", "ALL_NEW", "UPDATED_NEW", "ALL_OLD", "UPDATED_OLD"):
        desk.call("UpdateItem", **request, ReturnValues=wanted)
    now = desk.call("UpdateItem", **request, ReturnValues="ALL_NEW")["Attributes"]
    desk.expect("UpdateItem", "Attributes", now["version"] == {"N": "6"}, "6", now)
    more: Params = {"UpdateExpression": "ADD version :one DELETE labels :a", "ReturnValues": "ALL_NEW"}
    values = {":one": {"N": "1"}, ":a": {"SS": ["a"]}}
    desk.call("UpdateItem", TableName=TABLE, Key=key(2), ExpressionAttributeValues=values, **more)
    stale: Params = {"ConditionExpression": "version = :old", "UpdateExpression": "SET version = :old"}
    old = {":old": {"N": "1"}}
    wrong: Params = {"TableName": TABLE, "Key": key(2), "ExpressionAttributeValues": old, **stale}
    desk.refused("UpdateItem", "ConditionalCheckFailedException", **wrong)
    desk.refused("UpdateItem", "ValidationException", TableName=TABLE, Key=key(2), UpdateExpression="SET")
    same: Params = {"UpdateExpression": "SET a.b = :old, a = :old", "ExpressionAttributeValues": old}
    desk.refused("UpdateItem", "ValidationException", TableName=TABLE, Key=key(2), **same)
    desk.refused("UpdateItem", "ResourceNotFoundException", TableName="nothing", Key=key(2))


def queries(desk: Desk) -> None:
    """Queries and scans: in pages, filtered, counted, backwards, over the index."""
    for number in range(10, 16):
        desk.call("PutItem", TableName=TABLE, Item=item(number))
    grants: Params = {
        "TableName": TABLE,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :grant)",
        "ExpressionAttributeValues": {":pk": {"S": "LICENSE#1"}, ":grant": {"S": "GRANT#01"}},
    }
    seen: list[str] = []
    page = desk.call("Query", **grants, Limit=4)
    while True:
        seen += [one["sk"]["S"] for one in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        page = desk.call("Query", **grants, Limit=4, ExclusiveStartKey=page["LastEvaluatedKey"])
    desk.expect("Query", "Items", len(seen) == len(set(seen)) == 6, "six, each once", seen)
    backwards = desk.call("Query", **grants, ScanIndexForward=False, ConsistentRead=True)["Items"]
    desk.expect("Query", "Items", [one["sk"]["S"] for one in backwards] == seen[::-1], "backwards", backwards)
    counted = desk.call("Query", **grants, Select="COUNT")
    desk.expect("Query", "Count", (counted["Count"], "Items" in counted) == (6, False), "6 and no items", counted)
    values = grants["ExpressionAttributeValues"] | {":n": {"N": "1700000012"}}
    few = desk.call("Query", **(grants | {"ExpressionAttributeValues": values}), FilterExpression="due_at > :n")
    desk.expect("Query", "ScannedCount", (few["Count"], few["ScannedCount"]) == (3, 6), "3 of 6", few)
    index: Params = {
        "TableName": TABLE,
        "IndexName": "due",
        "KeyConditionExpression": "#s = :s AND due_at <= :n",
        "ExpressionAttributeNames": {"#s": "shard"},
        "ExpressionAttributeValues": {":s": {"N": "0"}, ":n": {"N": "1700000012"}},
    }
    desk.call("Query", **index, Limit=1, ReturnConsumedCapacity="INDEXES")
    desk.refused("Query", "ValidationException", **index, ConsistentRead=True)
    desk.refused("Query", "ValidationException", **(index | {"IndexName": "nothing"}))
    desk.refused("Query", "ValidationException", **(grants | {"KeyConditionExpression": "sk = :grant AND pk = :x"}))
    desk.refused("Query", "ResourceNotFoundException", **(grants | {"TableName": "nothing"}))

    page = desk.call("Scan", TableName=TABLE, Limit=2)
    desk.call("Scan", TableName=TABLE, Limit=2, ExclusiveStartKey=page["LastEvaluatedKey"])
    desk.call("Scan", TableName=TABLE, IndexName="due", Select="COUNT")
    desk.call("Scan", TableName=TABLE, Segment=0, TotalSegments=2, ReturnConsumedCapacity="TOTAL")
    filtered: Params = {"FilterExpression": "contains(texts, :a)", "ExpressionAttributeValues": {":a": {"S": "a"}}}
    desk.call("Scan", TableName=TABLE, **filtered, ProjectionExpression="pk")
    desk.refused("Scan", "ValidationException", TableName=TABLE, FilterExpression="version ==")
    desk.refused("Scan", "ResourceNotFoundException", TableName="nothing")


def batches(desk: Desk) -> None:
    """Many items at once."""
    puts = [{"PutRequest": {"Item": item(number)}} for number in range(20, 45)]
    desk.call("BatchWriteItem", RequestItems={TABLE: puts}, ReturnConsumedCapacity="TOTAL")
    deletions = [{"DeleteRequest": {"Key": key(number)}} for number in range(20, 22)]
    desk.call("BatchWriteItem", RequestItems={TABLE: deletions})
    desk.refused("BatchWriteItem", "ValidationException", RequestItems={TABLE: [*puts, *deletions]})
    desk.refused("BatchWriteItem", "ValidationException", RequestItems={TABLE: [puts[0], puts[0]]})
    desk.refused("BatchWriteItem", "ResourceNotFoundException", RequestItems={"nothing": deletions})
    keys = [key(number) for number in range(22, 32)]
    got = desk.call("BatchGetItem", RequestItems={TABLE: {"Keys": keys}})["Responses"][TABLE]
    desk.expect("BatchGetItem", "Responses", len(got) == 10, "ten", got)
    few = {"Keys": keys[:1], "ProjectionExpression": "pk", "ConsistentRead": True}
    desk.call("BatchGetItem", RequestItems={TABLE: few}, ReturnConsumedCapacity="TOTAL")
    desk.refused("BatchGetItem", "ValidationException", RequestItems={TABLE: {"Keys": [keys[0], keys[0]]}})
    desk.refused("BatchGetItem", "ResourceNotFoundException", RequestItems={"nothing": {"Keys": keys}})


def transactions(desk: Desk) -> None:
    """All or nothing."""
    put = {"Put": {"TableName": TABLE, "Item": item(60)}}
    check = {"ConditionCheck": {"TableName": TABLE, "Key": key(61), "ConditionExpression": "attribute_not_exists(pk)"}}
    update = {
        "Update": {
            "TableName": TABLE,
            "Key": key(62),
            "UpdateExpression": "SET version = :v",
            "ExpressionAttributeValues": {":v": {"N": "1"}},
        }
    }
    delete = {"Delete": {"TableName": TABLE, "Key": key(63)}}
    desk.call("TransactWriteItems", TransactItems=[put, check, update, delete], ClientRequestToken="once")
    desk.call("TransactWriteItems", TransactItems=[put, check, update, delete], ClientRequestToken="once")
    other: Params = {"TransactItems": [put], "ClientRequestToken": "once"}
    desk.refused("TransactWriteItems", "IdempotentParameterMismatchException", **other)
    failing = {
        "ConditionCheck": {
            "TableName": TABLE,
            "Key": key(60),
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }
    desk.refused("TransactWriteItems", "TransactionCanceledException", TransactItems=[failing, delete])
    desk.refused(
        "TransactWriteItems",
        "ValidationException",
        TransactItems=[put, {"Delete": {**delete["Delete"], "Key": key(60)}}],
    )
    gets = [{"Get": {"TableName": TABLE, "Key": key(number)}} for number in (60, 99)]
    got = desk.call("TransactGetItems", TransactItems=gets)["Responses"]
    desk.expect("TransactGetItems", "Responses", ["Item" in one for one in got] == [True, False], "the first", got)
    names = {"#v": "version"}
    part = {
        "Get": {"TableName": TABLE, "Key": key(60), "ProjectionExpression": "#v", "ExpressionAttributeNames": names}
    }
    desk.call("TransactGetItems", TransactItems=[part], ReturnConsumedCapacity="TOTAL")
    nowhere = [{"Get": {"TableName": "nothing", "Key": key(1)}}]
    desk.refused("TransactGetItems", "ResourceNotFoundException", TransactItems=nowhere)


def statements(desk: Desk) -> None:
    """PartiQL."""
    text = f'SELECT * FROM "{TABLE}" WHERE pk = ? AND sk = ?'
    parameters = [{"S": "LICENSE#1"}, {"S": "GRANT#060"}]
    found = desk.call("ExecuteStatement", Statement=text, Parameters=parameters)
    desk.expect("ExecuteStatement", "Items", len(found.get("Items", [])) == 1, "one", found)
    desk.refused("ExecuteStatement", "ValidationException", Statement="SELECT FROM WHERE")
    desk.call("ExecuteStatement", Statement=f'SELECT sk FROM "{TABLE}"', Limit=3)
    whole = {"Statement": text, "Parameters": parameters}
    mixed = desk.call("BatchExecuteStatement", Statements=[whole, {"Statement": 'SELECT * FROM "nothing"'}])
    desk.expect("BatchExecuteStatement", "Responses", len(mixed["Responses"]) == 2, "two", mixed)
    desk.call("BatchExecuteStatement", Statements=[whole])
    desk.refused("BatchExecuteStatement", "ValidationException", Statements=[whole] * 26)
    desk.call("ExecuteTransaction", TransactStatements=[whole])
    put = {"Statement": f"INSERT INTO \"{TABLE}\" VALUE {{'pk': 'a', 'sk': 'b'}}"}
    desk.call("ExecuteTransaction", TransactStatements=[put])
    desk.refused("ExecuteTransaction", "TransactionCanceledException", TransactStatements=[put])


def ends(desk: Desk) -> None:
    """Tables go."""
    desk.refused("DeleteTable", "ResourceNotFoundException", TableName="nothing")
    desk.call("DeleteTable", TableName="opinions-2")
    desk.refused("DeleteTable", "ResourceNotFoundException", TableName="opinions-2")

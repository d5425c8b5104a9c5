"""DynamoDB: what the ledger and the policy table are made of."""

from typing import Any

from ...breakage import Params
from ..player import Player

TABLE = "opinions"


def key(number: int) -> dict[str, Any]:
    """An item's key."""
    return {"pk": {"S": "LICENSE#1"}, "sk": {"S": f"GRANT#{number:03}"}}


def item(number: int) -> dict[str, Any]:
    """An item."""
    return key(number) | {"due_shard": {"N": "0"}, "due_at": {"N": str(number)}, "revision": {"N": "1"}}


def play(ask: Player) -> None:
    """Everything."""
    tables(ask)
    items(ask)
    updates(ask)
    queries(ask)
    batches(ask)
    transactions(ask)
    stream(ask)


def tables(ask: Player) -> None:
    """The tables."""
    names = (("pk", "S"), ("sk", "S"), ("due_shard", "N"), ("due_at", "N"))
    due: Params = {
        "IndexName": "due",
        "KeySchema": [
            {"AttributeName": "due_shard", "KeyType": "HASH"},
            {"AttributeName": "due_at", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }
    request: Params = {
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, kind in names],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "GlobalSecondaryIndexes": [due],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    }
    ask("CreateTable", **request)
    # Until it has been looked at once it may be on its way.
    ask("DescribeTable", TableName=TABLE)
    ask("DescribeTable", TableName=TABLE)
    ask("CreateTable", **request)
    ask("DescribeTable", TableName="nothing")
    ask("UpdateTimeToLive", TableName=TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    ask("DescribeTimeToLive", TableName=TABLE)


def items(ask: Player) -> None:
    """One item, with and without conditions."""
    ask("PutItem", TableName=TABLE, Item=item(1))
    ask("GetItem", TableName=TABLE, Key=key(1), ConsistentRead=True)
    ask("GetItem", TableName=TABLE, Key=key(99))
    ask("PutItem", TableName=TABLE, Item=item(1), ConditionExpression="attribute_not_exists(pk)")
    ask("PutItem", TableName=TABLE, Item=item(1), ReturnValues="ALL_OLD")
    guard: Params = {"ConditionExpression": "revision = :r", "ExpressionAttributeValues": {":r": {"N": "2"}}}
    ask("PutItem", TableName=TABLE, Item=item(1), **guard)
    ask("PutItem", TableName=TABLE, Item=item(1), **guard, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    ask("DeleteItem", TableName=TABLE, Key=key(1), **guard)
    ask("DeleteItem", TableName=TABLE, Key=key(1), ReturnValues="ALL_OLD")
    ask("DeleteItem", TableName=TABLE, Key=key(1))
    ask("PutItem", TableName="nothing", Item=item(1))
    ask("PutItem", TableName=TABLE, Item={"pk": {"S": "no sort key"}})
    # Where nobody looks later: one of the two might take it.
    aside = item(1) | {"pk": {"S": "aside"}}
    del aside["due_shard"]
    ask("PutItem", TableName=TABLE, Item=aside | {"pk": {"S": ""}})
    ask("PutItem", TableName=TABLE, Item=aside | {"due_at": {"S": "no number"}})
    ask("PutItem", TableName=TABLE, Item=aside | {"huge": {"S": "x" * 409_600}})
    unused: Params = {
        "ExpressionAttributeValues": {":unused": {"S": "x"}},
        "ConditionExpression": "attribute_exists(pk)",
    }
    ask("PutItem", TableName=TABLE, Item=aside, **unused)
    ask("DeleteItem", TableName=TABLE, Key={name: aside[name] for name in ("pk", "sk")})


def updates(ask: Player) -> None:
    """Counting up, and not."""
    add: Params = {
        "TableName": TABLE,
        "Key": key(2),
        "UpdateExpression": "SET #r = if_not_exists(#r, :zero) + :one ADD wanted :one",
        "ExpressionAttributeNames": {"#r": "revision"},
        "ExpressionAttributeValues": {":zero": {"N": "0"}, ":one": {"N": "1"}},
    }
    for wanted in ("NONE", "ALL_NEW", "UPDATED_NEW", "ALL_OLD", "UPDATED_OLD"):
        ask("UpdateItem", **add, ReturnValues=wanted)
    guard: Params = {"ConditionExpression": "revision = :old", "ExpressionAttributeValues": {":old": {"N": "1"}}}
    ask("UpdateItem", TableName=TABLE, Key=key(2), UpdateExpression="SET revision = :old", **guard)
    ask("UpdateItem", TableName=TABLE, Key=key(2), UpdateExpression="REMOVE wanted", ReturnValues="ALL_NEW")
    twice: Params = {"UpdateExpression": "SET a.b = :old, a = :old", "ExpressionAttributeValues": {":old": {"N": "1"}}}
    ask("UpdateItem", TableName=TABLE, Key=key(2), **twice)
    reserved: Params = {"UpdateExpression": "SET status = :old", "ExpressionAttributeValues": {":old": {"N": "1"}}}
    ask("UpdateItem", TableName=TABLE, Key=key(2), **reserved)


def queries(ask: Player) -> None:
    """By key, by index, in pages."""
    for number in range(10, 15):
        ask("PutItem", TableName=TABLE, Item=item(number))
    grants: Params = {
        "TableName": TABLE,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :grant)",
        "ExpressionAttributeValues": {":pk": {"S": "LICENSE#1"}, ":grant": {"S": "GRANT#01"}},
    }
    ask("Query", **grants)
    page = ask("Query", **grants, Limit=3)
    if "LastEvaluatedKey" in page:
        ask("Query", **grants, Limit=3, ExclusiveStartKey=page["LastEvaluatedKey"])
    ask("Query", **grants, ScanIndexForward=False, Select="COUNT")
    values = grants["ExpressionAttributeValues"] | {":n": {"N": "12"}}
    ask("Query", **(grants | {"ExpressionAttributeValues": values}), FilterExpression="due_at > :n")
    due: Params = {
        "TableName": TABLE,
        "IndexName": "due",
        "KeyConditionExpression": "due_shard = :s AND due_at <= :n",
        "ExpressionAttributeValues": {":s": {"N": "0"}, ":n": {"N": "12"}},
    }
    ask("Query", **due)
    ask("Query", **due, ConsistentRead=True)
    ask("Query", **(due | {"IndexName": "nothing"}))
    ask("Scan", TableName=TABLE, Select="COUNT")
    ask(
        "Scan",
        TableName=TABLE,
        IndexName="due",
        FilterExpression="due_at > :n",
        ExpressionAttributeValues={":n": {"N": "13"}},
    )


def batches(ask: Player) -> None:
    """Many at once."""
    puts = [{"PutRequest": {"Item": item(number)}} for number in range(20, 45)]
    ask("BatchWriteItem", RequestItems={TABLE: puts})
    ask("BatchWriteItem", RequestItems={TABLE: [*puts, {"PutRequest": {"Item": item(45)}}]})
    ask("BatchWriteItem", RequestItems={TABLE: [puts[0], puts[0]]})
    ask("BatchWriteItem", RequestItems={"nothing": puts[:1]})
    ask("BatchGetItem", RequestItems={TABLE: {"Keys": [key(20), key(99)]}})
    ask("BatchGetItem", RequestItems={TABLE: {"Keys": [key(20), key(20)]}})


def transactions(ask: Player) -> None:
    """All or nothing."""
    put = {"Put": {"TableName": TABLE, "Item": item(60)}}
    absent = {"TableName": TABLE, "Key": key(60), "ConditionExpression": "attribute_not_exists(pk)"}
    delete = {"Delete": {"TableName": TABLE, "Key": key(61)}}
    ask("TransactWriteItems", TransactItems=[put, delete], ClientRequestToken="once")
    ask("TransactWriteItems", TransactItems=[put, delete], ClientRequestToken="once")
    ask("TransactWriteItems", TransactItems=[delete], ClientRequestToken="once")
    ask("TransactWriteItems", TransactItems=[{"ConditionCheck": absent}, delete])
    ask("TransactWriteItems", TransactItems=[put, {"Delete": {"TableName": TABLE, "Key": key(60)}}])
    gets = [{"Get": {"TableName": TABLE, "Key": key(number)}} for number in (60, 99)]
    ask("TransactGetItems", TransactItems=gets)


def stream(ask: Player) -> None:
    """What was done, as the stream tells it."""
    of = "dynamodbstreams"
    streams = ask("ListStreams", of=of, TableName=TABLE)["Streams"]
    arn = streams[0]["StreamArn"]
    shards = ask("DescribeStream", of=of, StreamArn=arn)["StreamDescription"]["Shards"]
    place: Params = {"StreamArn": arn, "ShardId": shards[0]["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    iterator = ask("GetShardIterator", of=of, **place)["ShardIterator"]
    ask("GetRecords", of=of, ShardIterator=iterator, Limit=3)

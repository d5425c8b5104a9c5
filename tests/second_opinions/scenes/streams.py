"""DynamoDB Streams: from a table's stream to what was done to its items."""

from typing import Any

from ..desk import Desk
from ..simulator import client

TABLE = "opinions"


def play(desk: Desk) -> None:
    """Everything."""
    write(desk)
    listed = desk.call("ListStreams", TableName=TABLE)["Streams"]
    desk.expect("ListStreams", "Streams", len(listed) == 1, "one", listed)
    desk.call("ListStreams")
    desk.call("ListStreams", Limit=1)
    stream = listed[0]["StreamArn"]
    described = desk.call("DescribeStream", StreamArn=stream, Limit=100)["StreamDescription"]
    shard = described["Shards"][0]["ShardId"]
    desk.call("DescribeStream", StreamArn=stream, ExclusiveStartShardId=shard)
    no_stream = stream.replace(TABLE, "nothing")
    desk.refused("DescribeStream", "ResourceNotFoundException", StreamArn=no_stream)
    place = {"StreamArn": stream, "ShardId": shard}
    iterator = desk.call("GetShardIterator", **place, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    first = desk.call("GetRecords", ShardIterator=iterator, Limit=2)
    records = [*first["Records"], *desk.call("GetRecords", ShardIterator=first["NextShardIterator"])["Records"]]
    names = [record["eventName"] for record in records]
    desk.expect("GetRecords", "Records[].eventName", names == ["INSERT", "MODIFY", "REMOVE"], "all three", names)
    number = records[0]["dynamodb"]["SequenceNumber"]
    for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        at = desk.call("GetShardIterator", **place, ShardIteratorType=kind, SequenceNumber=number)["ShardIterator"]
        desk.call("GetRecords", ShardIterator=at)
    latest = desk.call("GetShardIterator", **place, ShardIteratorType="LATEST")["ShardIterator"]
    after = desk.call("GetRecords", ShardIterator=latest, Limit=1000)["Records"]
    desk.expect("GetRecords", "Records", after == [], "nothing new", after)
    desk.refused(
        "GetShardIterator",
        "ResourceNotFoundException",
        **(place | {"StreamArn": no_stream}),
        ShardIteratorType="LATEST",
    )
    desk.refused("GetRecords", "ValidationException", ShardIterator="nonsense")


def write(desk: Desk) -> None:
    """A table whose one item comes, changes and goes."""
    tables: Any = client("dynamodb", desk.simulator.endpoint, desk.simulator.account)
    tables.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    tables.describe_table(TableName=TABLE)
    key = {"pk": {"S": "a"}}
    tables.put_item(TableName=TABLE, Item=key | {"n": {"N": "1"}})
    tables.put_item(TableName=TABLE, Item=key | {"n": {"N": "2"}, "blob": {"B": b"\x00"}})
    tables.delete_item(TableName=TABLE, Key=key)

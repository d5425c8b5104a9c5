"""Grantway's hub as boto3 sees it, and the pretend AWS's own controls."""

import datetime
import json
import urllib.request
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from botocore.config import Config

Item = dict[str, Any]

# The embedded DynamoDB's shard ids are shorter than boto3 thinks they can be.
LENIENT = Config(parameter_validation=False)


class Hub:
    """A deployment behind an endpoint, by the environment that `grantctl sim` prints."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self._endpoint = environment["AWS_ENDPOINT_URL"]
        session = boto3.Session(
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_REGION"],
        )

        def client(service: str, config: Config | None = None) -> Any:
            return session.client(service, endpoint_url=self._endpoint, config=config)

        self.sqs = client("sqs")
        self.tables = client("dynamodb")
        self.streams = client("dynamodbstreams", LENIENT)
        self.license_manager = client("license-manager")
        self._queues = {
            "triggers": self.sqs.get_queue_url(QueueName="triggers")["QueueUrl"],
            "work": environment["GRANTWAY_WORK_QUEUE_URL"],
            "accept": environment["GRANTWAY_ACCEPT_QUEUE_URL"],
        }
        self._edits = self._stream(environment["GRANTWAY_POLICY_TABLE"])

    def control(self, what: str, **how: Any) -> Any:
        """Does something to the world that no AWS API does: `POST /_sim/<what>`."""
        return self._ask(what, json.dumps(how).encode() if how else b"")

    def set_knobs(self, **knobs: Any) -> None:
        """Answers open questions about AWS; the others keep their answers."""
        self.control("knobs", **(self._ask("knobs") | knobs))

    def pass_time(self, seconds: int) -> None:
        """Moves the services' clock.

        The functions go by the machine's clock, which stays, so what the ledger has due comes nearer instead.
        """
        self.control("advance", seconds=seconds)
        table = self.environment["GRANTWAY_LEDGER_TABLE"]
        for item in self.tables.scan(TableName=table, IndexName="due")["Items"]:
            self.tables.update_item(
                TableName=table,
                Key={name: item[name] for name in ("pk", "sk")},
                UpdateExpression="ADD due_at :seconds",
                ExpressionAttributeValues={":seconds": {"N": str(-seconds)}},
            )

    def put_rule(self, rule: Item) -> None:
        """Puts a rule, as DynamoDB's JSON, into the policy table."""
        self.tables.put_item(TableName=self.environment["GRANTWAY_POLICY_TABLE"], Item=rule)

    def take_rule(self, name: str) -> None:
        """Takes a rule out of the policy table."""
        self.tables.delete_item(TableName=self.environment["GRANTWAY_POLICY_TABLE"], Key={"rule": {"S": name}})

    def carry_events(self) -> int:
        """Brings events to queues, where nothing else does; how many."""
        return 0

    def send(self, queue: str, body: str) -> None:
        """Sends a message."""
        self.sqs.send_message(QueueUrl=self._queues[queue], MessageBody=body)

    def receive(self, queue: str, most: int) -> list[Item]:
        """Messages of a queue as Lambda's records; none when it is empty."""
        received = self.sqs.receive_message(
            QueueUrl=self._queues[queue], MaxNumberOfMessages=most, MessageSystemAttributeNames=["All"]
        )
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "messageAttributes": {},
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:us-east-1:210987654321:{queue}",
                "awsRegion": "us-east-1",
            }
            for message in received.get("Messages", [])
        ]

    def delete(self, queue: str, record: Item) -> None:
        """Deletes a message that was dealt with."""
        self.sqs.delete_message(QueueUrl=self._queues[queue], ReceiptHandle=record["receiptHandle"])

    def policy_edits(self) -> list[Item]:
        """What happened to the policy table since the last call, as Lambda's records."""
        return next(self._edits)

    def _stream(self, table: str) -> Iterator[list[Item]]:
        arn = self.tables.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        shard = self.streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        place = self.streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        iterator = place["ShardIterator"]
        while True:
            page = self.streams.get_records(ShardIterator=iterator)
            iterator = page["NextShardIterator"]
            records = [record | {"eventSourceARN": arn} for record in page["Records"]]
            yield json.loads(json.dumps(records, default=epoch))

    def quarantined(self) -> list[str]:
        """The bodies in quarantine."""
        found = self.tables.query(
            TableName=self.environment["GRANTWAY_LEDGER_TABLE"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "QUARANTINE"}},
        )
        return [zlib.decompress(item["body"]["B"], wbits=-zlib.MAX_WBITS).decode() for item in found["Items"]]

    def active_accounts(self, sku: str) -> set[str]:
        """Accounts in which a grant of a product's license is ACTIVE, the holder's own included."""
        received = self.license_manager.list_received_licenses(Filters=[{"Name": "ProductSKU", "Values": [sku]}])
        accounts: set[str] = set()
        if not received["Licenses"]:
            return accounts
        request = {"LicenseArn": received["Licenses"][0]["LicenseArn"]}
        while True:
            page = self.license_manager.list_received_grants_for_organization(**request)
            accounts |= {account(grant) for grant in page["Grants"] if grant["GrantStatus"] == "ACTIVE"}
            if not page.get("NextToken"):
                return accounts
            request["NextToken"] = page["NextToken"]

    def _ask(self, what: str, body: bytes | None = None) -> Any:
        with urllib.request.urlopen(f"{self._endpoint}/_sim/{what}", body, timeout=20) as reply:
            return json.load(reply)


def account(grant: Item) -> str:
    """The account that a grant's principal, `arn:aws:iam::<account>:root`, is."""
    return str(grant["GranteePrincipalArn"]).split(":")[4]


def epoch(value: object) -> float:
    """Times as Lambda writes them into a Stream's records."""
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    raise TypeError(f"{value!r} has no place in a record")

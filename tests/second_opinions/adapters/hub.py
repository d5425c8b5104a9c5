"""Grantway's hub in moto: the tables, queues and rules of infra/hub.yaml, by calls as CloudFormation makes them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from real_clients.hub import Hub

from ..moto_server import ACCOUNT
from ..simulator import REGION, Simulator, client

PATTERNS = Path(__file__).resolve().parents[3] / "functions/grantctl/src/deployment/patterns.json"
KEYS = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "pretend", "AWS_REGION": REGION}


def environment(moto: str, license_manager: str, agreements: str) -> dict[str, str]:
    """What points the functions at both; the more particular endpoint wins."""
    return KEYS | {
        "AWS_ENDPOINT_URL": moto,
        "AWS_ENDPOINT_URL_LICENSE_MANAGER": license_manager,
        "AWS_ENDPOINT_URL_MARKETPLACE_AGREEMENT": agreements,
        "AWS_EC2_METADATA_DISABLED": "true",
        "GRANTWAY_DEPLOYMENT": "moto",
        "GRANTWAY_POLICY_TABLE": "policy",
        "GRANTWAY_LEDGER_TABLE": "ledger",
        "GRANTWAY_WORK_QUEUE_URL": f"{moto}/{ACCOUNT}/work.fifo",
        "GRANTWAY_ACCEPT_QUEUE_URL": f"{moto}/{ACCOUNT}/accept",
        "GRANTWAY_MEMBER_ROLE": "grantway-member",
        "GRANTWAY_HOME_REGION": REGION,
        "GRANTWAY_GRANT_BUDGET": "1500",
    }


def deploy(moto: str) -> None:
    """Makes everything in moto."""
    sqs: Any = client("sqs", moto, ACCOUNT)
    for name in ("triggers", "accept"):
        sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "180"})
    sqs.create_queue(QueueName="work.fifo", Attributes={"FifoQueue": "true", "VisibilityTimeout": "1800"})
    tables: Any = client("dynamodb", moto, ACCOUNT)
    tables.create_table(
        TableName="policy",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=_attributes(rule="S"),
        KeySchema=_keys("rule"),
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    due = {"IndexName": "due", "KeySchema": _keys("due_shard", "due_at"), "Projection": {"ProjectionType": "ALL"}}
    tables.create_table(
        TableName="ledger",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=_attributes(pk="S", sk="S", due_shard="N", due_at="N"),
        KeySchema=_keys("pk", "sk"),
        GlobalSecondaryIndexes=[due],
    )
    bus: Any = client("events", moto, ACCOUNT)
    triggers = {"Id": "triggers", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:triggers"}
    for name, pattern in json.loads(PATTERNS.read_text()).items():
        bus.put_rule(Name=name, EventPattern=json.dumps(pattern))
        bus.put_targets(Rule=name, Targets=[triggers])


def _attributes(**types: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


def _keys(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


class MotoHub(Hub):
    """The hub as boto3 sees it in moto, with the simulator's License Manager and controls."""

    def __init__(self, environment: dict[str, str], simulator: Simulator) -> None:
        super().__init__(environment)
        self.license_manager = client("license-manager", simulator.endpoint, ACCOUNT)
        self._simulator = simulator
        self._bus: Any = client("events", environment["AWS_ENDPOINT_URL"], ACCOUNT)
        self._events = self._new_events()

    def carry_events(self) -> int:
        """Puts what happened in the simulator's world onto moto's bus; how many events that were."""
        events = next(self._events)
        for event in events:
            entry = {
                "Source": event["source"],
                "DetailType": event["detail-type"],
                "Detail": json.dumps(event["detail"]),
                "Resources": event["resources"],
            }
            if self._bus.put_events(Entries=[entry])["FailedEntryCount"]:
                raise AssertionError(f"moto does not take {event}")
        return len(events)

    def _new_events(self) -> Iterator[list[Any]]:
        seen = 0
        while True:
            events = self._simulator.look("events")
            yield events[seen:]
            seen = len(events)

    def _ask(self, what: str, body: bytes | None = None) -> Any:
        return self._simulator.ask(what, body)

"""A purchase and a new account in moto's organization, until License Manager says ACTIVE for whom the rules name."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from real_clients.process import Process
from real_clients.runtime_api import RuntimeApi

from .. import twin
from ..moto_server import ACCOUNT, MotoServer
from ..simulator import Simulator, client
from .hub import MotoHub, deploy, environment
from .relay import Relay

BINARIES = {"dispatch": "distribute-grants", "lane": "distribute-grants", "accept": "accept-grants"}
BATCHES = (("dispatch", "triggers", 10), ("lane", "work", 1), ("accept", "accept", 1))

# Seconds between two sweeps, and sweeps that anything may take to come about.
SWEEP = 300
PATIENCE = 10

PURCHASE = {
    "acceptor": ACCOUNT,
    "agreement": "agmt-6t1m9c4x2ka8p0vz7rd3hq5nw",
    "license": "l-1b7e93c5d0f24a868e2c47b91d6fa035",
    "sku": "prod-c3n7wq1zt9fks",
    "product": "Example Monitoring",
    "product_type": "AmiProduct",
    "proposer": "640218890143",
    "offer": "offer-m4d8v1ks6zqy",
}


class Story:
    """The functions and what they are invoked with."""

    def __init__(self, hub: MotoHub, functions: dict[str, RuntimeApi]) -> None:
        self.hub = hub
        self.functions = functions
        self.invocations = dict.fromkeys(functions, 0)

    def invoke(self, function: str, records: list[dict[str, Any]]) -> None:
        """Hands a function one batch, all of which it has to deal with."""
        self.invocations[function] += 1
        answer = self.functions[function].invoke({"Records": records})
        if answer != {"batchItemFailures": []}:
            raise AssertionError(f"{function} answered {answer} to {records}")

    def pump(self) -> None:
        """Invokes functions until nothing waits for them."""
        idle = False
        while not idle:
            idle = not self.hub.carry_events()
            if edits := self.hub.policy_edits():
                idle = False
                self.invoke("dispatch", edits)
            for function, queue, most in BATCHES:
                if records := self.hub.receive(queue, most):
                    idle = False
                    self.invoke(function, records)
                    for record in records:
                        self.hub.delete(queue, record)

    def until_active(self, what: str, accounts: set[str]) -> None:
        """Sweeps until exactly these accounts and the holder have the product, then once more."""
        expected = accounts | {ACCOUNT}
        sweeps = 0
        self.pump()
        while self.hub.active_accounts(PURCHASE["sku"]) != expected and sweeps < PATIENCE:
            sweeps += 1
            self.sweep()
        self.sweep()
        seen = self.hub.active_accounts(PURCHASE["sku"])
        if seen != expected:
            raise AssertionError(f"{what}: missing {sorted(expected - seen)}, too many {sorted(seen - expected)}")
        if quarantined := self.hub.quarantined():
            raise AssertionError(f"in quarantine: {quarantined}")
        print(f"{what}: ACTIVE in {len(accounts)} accounts (sweeps: {sweeps})", flush=True)

    def sweep(self) -> None:
        """Five minutes pass and the schedule sends its message."""
        self.hub.pass_time(SWEEP)
        self.hub.send("triggers", '{"job": "sweep"}')
        self.pump()


def run(binaries: Path) -> bool:
    """Starts everything, plays, and ends everything."""
    with ExitStack() as stack:
        moto = stack.enter_context(MotoServer())
        organization = twin.make(moto.endpoint)
        file = organization.write(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        simulator = stack.enter_context(Simulator(binaries, ("--organization", str(file))))
        relay = stack.enter_context(Relay(moto.endpoint, simulator.endpoint))
        deploy(moto.endpoint)
        shared = environment(moto.endpoint, relay.endpoint, simulator.endpoint)
        hub = MotoHub(shared, simulator)
        functions = {}
        for function, binary in BINARIES.items():
            api = stack.enter_context(RuntimeApi())
            own = {
                "AWS_LAMBDA_RUNTIME_API": api.address,
                "AWS_LAMBDA_FUNCTION_NAME": function,
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "GRANTWAY_FUNCTION": function,
            }
            stack.enter_context(Process(binaries / binary, environment=shared | own))
            functions[function] = api
        story = Story(hub, functions)
        play(story, organization, moto.endpoint)
        print("invocations: " + ", ".join(f"{name} {count}" for name, count in story.invocations.items()))
        members = {caller: count for caller, count in relay.callers.items() if caller != ACCOUNT}
        print(f"calls of License Manager as members: {sum(members.values())} in {len(members)} accounts")
    return True


def play(story: Story, organization: twin.Organization, moto: str) -> None:
    """Everything that happens."""
    hub = story.hub
    # The answers to open questions about AWS that give accept-grants the most to do.
    hub.set_knobs(auto_accept_account_grants=False, grantor_may_activate_account_grants=False)
    workloads = {"ou": {"L": [{"S": organization.units["Workloads"]}]}}
    products = {"sku": {"L": [{"S": PURCHASE["sku"]}]}}
    hub.put_rule({"rule": {"S": "workloads"}, "products": {"M": products}, "accounts": {"M": workloads}})
    hub.control("purchase", **PURCHASE)
    hub.pass_time(5)
    members = {organization.accounts[name] for name in ("payments", "search")}
    story.until_active("a purchase, a rule for a unit", members)

    organizations: Any = client("organizations", moto, ACCOUNT)
    status = organizations.create_account(Email="newcomer@example.com", AccountName="newcomer")["CreateAccountStatus"]
    newcomer = status["AccountId"]
    hub.control("account", id=newcomer, name="newcomer")
    hub.pass_time(5)
    story.until_active("a new account, not yet in the unit", members)
    way = {"SourceParentId": organization.root, "DestinationParentId": organization.units["Production"]}
    organizations.move_account(AccountId=newcomer, **way)
    hub.control("move", id=newcomer, to=organization.units["Production"])
    story.until_active("the account moved to the unit", members | {newcomer})

"""A purchase and a new account in moto's organization, until License Manager says ACTIVE for whom the rules name."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from real_clients.functions import Functions

from .. import twin
from ..moto_server import ACCOUNT, MotoServer
from ..simulator import Simulator, client
from .hub import MotoHub, deploy, environment
from .relay import Relay

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
    """The functions, and what has to come of what happens."""

    def __init__(self, hub: MotoHub, functions: Functions) -> None:
        self.hub = hub
        self.functions = functions

    def until_active(self, what: str, accounts: set[str]) -> None:
        """Sweeps until exactly these accounts and the holder have the product; nothing was unreadable on the way."""
        self.functions.until_active(what, PURCHASE["sku"], accounts | {ACCOUNT})
        if quarantined := self.hub.quarantined():
            raise AssertionError(f"in quarantine: {quarantined}")


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
        functions = Functions(stack, binaries, shared, hub)
        play(Story(hub, functions), organization, moto.endpoint)
        print(functions.told())
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

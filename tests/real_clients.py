"""The three built functions against a pretend AWS whose only client is boto3.

Nothing of Grantway's own stands between: `grantctl sim` is a process behind a port, the functions are processes under a
Lambda Runtime API, and what Lambda and EventBridge Scheduler do (poll, invoke, delete, sweep) is done here by boto3.
Two rules are put into the policy table; then a purchase, a new account and its move to a unit happen to the
organization. After each, License Manager must say ACTIVE for the accounts that the rules name and for no others. In
the end the rules are taken out and put back from the command line, which no account may notice.

    python3 tests/real_clients.py [--binaries target/debug]      # needs boto3 (.ci/requirements.txt)
"""

import argparse
import os
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from real_clients.admin import Admin
from real_clients.functions import BINARIES, Functions
from real_clients.hub import Hub, Item
from real_clients.process import Process

HOLDER = "210987654321"
NEWCOMER = "487120396655"
WORKLOADS = "ou-9xk2-h3n8d1pw"
EXCEPTED = "519283746501"
UNIT = {"318204957731", "402958173646", "560192837465"}
# Every account of the sample organization but the one that is suspended.
ORGANIZATION = UNIT | {EXCEPTED, "611029384756", "674839201583", "802746195038", "853920174662"}

DATABASE = "prod-v5h2xk8qm4tza"
MONITORING = {
    "acceptor": HOLDER,
    "agreement": "agmt-6t1m9c4x2ka8p0vz7rd3hq5nw",
    "license": "l-1b7e93c5d0f24a868e2c47b91d6fa035",
    "sku": "prod-c3n7wq1zt9fks",
    "product": "Example Monitoring",
    "product_type": "AmiProduct",
    "proposer": "640218890143",
    "offer": "offer-m4d8v1ks6zqy",
}
UNREADABLE = '{"detail-type": "Purchase Agreement Cr\u00e9ated \u2013\n'


def rule(name: str, sku: str, **selectors: Item) -> Item:
    """A rule as DynamoDB's JSON."""
    products = {"M": {"sku": {"L": [{"S": sku}]}}}
    return {"rule": {"S": name}, "products": products} | {name: {"M": parts} for name, parts in selectors.items()}


class Story:
    """What happens to the hub, and what has to come of it."""

    def __init__(self, hub: Hub, functions: Functions, admin: Admin) -> None:
        self.hub = hub
        self.functions = functions
        self.admin = admin

    def until_active(self, what: str, sku: str, accounts: set[str]) -> None:
        """Sweeps until exactly these accounts and the holder have the product."""
        self.functions.until_active(what, sku, accounts | {HOLDER})

    def play(self) -> None:
        """Everything that happens."""
        hub, monitoring = self.hub, str(MONITORING["sku"])
        # The answers to open questions about AWS that give accept-grants the most to do.
        hub.set_knobs(
            auto_accept_account_grants=False, grantor_may_activate_account_grants=False, joiner_sub_grant_active=False
        )
        hub.control("purchase", **MONITORING)
        hub.control("advance", seconds=2)
        hub.put_rule(rule("everyone", monitoring, accounts={"organization": {"BOOL": True}}))
        unit, excepted = {"ou": {"L": [{"S": WORKLOADS}]}}, {"account": {"L": [{"S": EXCEPTED}]}}
        hub.put_rule(rule("workloads", DATABASE, accounts=unit, **{"except": excepted}))
        self.until_active("a rule for the organization", monitoring, ORGANIZATION)

        hub.control("purchase")
        hub.send("triggers", UNREADABLE)
        self.functions.pump()
        if hub.quarantined() != [UNREADABLE]:
            raise AssertionError(f"in quarantine: {hub.quarantined()}")
        self.until_active("a purchase for a unit", DATABASE, UNIT)

        hub.control("account", id=NEWCOMER, name="newcomer")
        hub.control("advance", seconds=2)
        self.until_active("a new account in the organization", monitoring, ORGANIZATION | {NEWCOMER})
        self.until_active("and not yet in the unit", DATABASE, UNIT)

        hub.control("move", id=NEWCOMER, to=WORKLOADS)
        self.until_active("the account moved to the unit", DATABASE, UNIT | {NEWCOMER})
        self.until_active("and still in the organization", monitoring, ORGANIZATION | {NEWCOMER})
        self.emptied()
        self.until_active("an emptied table, accepted and restored", DATABASE, UNIT | {NEWCOMER})

    def emptied(self) -> None:
        """Both rules go, which takes nothing away and is taken for a fault; then they are put back."""
        for name in ("everyone", "workloads"):
            self.hub.take_rule(name)
        self.functions.pump()
        shrunk = self.admin.writes("accept-shrink")["shrunk"]
        if shrunk != [{"what": "rules", "from": 2, "to": 0}]:
            raise AssertionError(f"what shrank: {shrunk}")
        if again := self.admin.writes("accept-shrink")["shrunk"]:
            raise AssertionError(f"what shrank although it was accepted: {again}")
        for name in ("everyone", "workloads"):
            removed, written = self.admin.sees("history", name)
            if removed["version"] is not None:
                raise AssertionError(f"the removal of {name} is not recorded: {removed}")
            changes = self.admin.writes("restore", name, written["version"])["changes"]
            if [change["to"] for change in changes] != [written["version"]]:
                raise AssertionError(f"restored: {changes}")


def forget_the_person() -> None:
    """Nothing of whoever runs this may be taken for the pretend AWS's: no profile, no credentials, no endpoint."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def run(binaries: Path) -> None:
    """Starts everything, plays, and ends everything."""
    with ExitStack() as stack:
        arguments = ("sim", "--listen", "127.0.0.1:0", "--format", "json")
        sim = stack.enter_context(Process(binaries / "grantctl", *arguments, environment={}))
        environment: dict[str, str] = sim.announced()
        hub = Hub(environment)
        functions = Functions(stack, binaries, environment, hub)
        Story(hub, functions, Admin(binaries, environment, HOLDER)).play()
        print(functions.told())


def main() -> int:
    """Exit code 0 when all of it came about, 1 otherwise."""
    top = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description="The built functions against a pretend AWS, with boto3 as its client")
    built = Path(os.environ.get("CARGO_TARGET_DIR", top / "target")) / "debug"
    parser.add_argument("--binaries", type=Path, default=built, help="where cargo put them (default: %(default)s)")
    binaries = parser.parse_args().binaries.resolve()
    missing = [name for name in sorted({"grantctl", *BINARIES.values()}) if not (binaries / name).is_file()]
    if missing:
        print(f"{binaries} has no {', '.join(missing)}: cargo build -p distribute-grants -p accept-grants -p grantctl")
        return 1
    forget_the_person()
    # By way of an exception, so that every process of ours is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    try:
        run(binaries)
    except Exception as error:
        print(f"FAILED after {time.monotonic() - began:.1f} s: {type(error).__name__}: {error}")
        return 1
    print(f"all as the rules say; {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

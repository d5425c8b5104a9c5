"""infra/hub.yaml and infra/member.yaml, unmodified, on MiniStack; what it lacks is the pretend AWS's.

MiniStack, a local AWS, has CloudFormation, Lambda (the built binaries, run natively), EventBridge, Scheduler, SQS,
DynamoDB with Streams, KMS, STS and IAM, which it enforces here: each function has its role's rights and no others, in
the members' accounts too. License Manager, Organizations and Marketplace Agreement are `grantctl sim`'s, behind a gate
that asks the same IAM. A rule is put into the policy table and the sample purchase on the bus; then License Manager
must say ACTIVE for the accounts that the rule names and for no others.

What this cannot show: MiniStack knows no `aws:ResourceOrgID` (the accept function is given its right once more without
that condition) and takes a role's session for `aws:PrincipalArn` (the members' trust names that too).

    python3 tests/ministack.py [--binaries target/debug]      # needs MiniStack (.ci/ministack.txt), openssl and strip
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

try:
    from botocore.exceptions import ClientError
    from ministack.cloud import Cloud
    from ministack.gate import Gate
    from ministack.stack import FUNCTIONS, MEMBER_ROLE, NAME, Stack
    from real_clients.hub import Hub
    from real_clients.process import Process
except ModuleNotFoundError as missing:
    sys.exit(f"{missing.name} is missing: pip install -r .ci/ministack.txt, and run this with that Python")

TOP = Path(__file__).resolve().parent.parent
PURCHASED = TOP / "tests/fixtures/events/mp-agreement-created-new.json"
HOLDER = "210987654321"
DATABASE = "prod-v5h2xk8qm4tza"
WORKLOADS = "ou-9xk2-h3n8d1pw"
EXCEPTED = "519283746501"
UNIT = {"318204957731", "402958173646", "560192837465"}
RULE = {
    "rule": {"S": "workloads"},
    "products": {"M": {"sku": {"L": [{"S": DATABASE}]}}},
    "accounts": {"M": {"ou": {"L": [{"S": WORKLOADS}]}}},
    "except": {"M": {"account": {"L": [{"S": EXCEPTED}]}}},
}
# What Lambda does for a mapping in the function's name ("Using Lambda with Amazon SQS", "... DynamoDB").
POLL_QUEUE = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
POLL_STREAM = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"}
USE_KEY = {"kms:Decrypt", "kms:GenerateDataKey"}
# Seconds that anything may take to come about by itself; far more than it takes.
PATIENCE = 60.0
# Sweeps that the grants may take.
SWEEPS = 10
# How the name of an operation begins that changes nothing.
READS = ("List", "Get", "Describe")


def expect(held: bool, promise: object) -> None:
    """Ends the run unless it is so."""
    if not held:
        raise AssertionError(promise)


def is_denied(call: Callable[[], object]) -> bool:
    """Whether a call is refused for want of rights."""
    try:
        call()
    except ClientError as refusal:
        return refusal.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
    return False


class Story:
    """A purchase, told to the deployed hub and followed to its end."""

    def __init__(self, stack: Stack, pretend: Hub, gate: Gate) -> None:
        self.stack = stack
        self.pretend = pretend
        self.gate = gate

    def inspect(self) -> None:
        """What connects the deployed parts is there."""
        stack = self.stack
        triggers = stack.queue_arn("triggers")
        expect(stack.mapped_sources("dispatch") == {triggers, stack.stream_arn()}, "dispatch is not fed by both")
        expect(stack.mapped_sources("lane") == {stack.queue_arn("work.fifo")}, "lane is not fed by its queue")
        expect(stack.mapped_sources("accept") == {stack.queue_arn("accept")}, "accept is not fed by its queue")
        expect(stack.schedule_names() == {"sweep", "reconcile"}, stack.schedule_names())
        for job in sorted(stack.schedule_names()):
            target = stack.target_of(job)
            expect(target["Arn"] == triggers and json.loads(target["Input"]) == {"job": job}, target)
        print("deployed: mappings from three queues and the policy table's Stream, two schedules", flush=True)

    def inspect_rights(self) -> None:
        """What Lambda and Scheduler do in a role's name, for which MiniStack asks nobody; and what no role may do."""
        stack, key = self.stack, self.stack.outputs["QueueKeyArn"]
        triggers, work, accept = (stack.queue_arn(name) for name in ("triggers", "work.fifo", "accept"))
        a_license = "arn:aws:license-manager::294406891311:license:l-8c1f40d2b7e94a6fa3d5906e27b1c84f"
        a_member = f"arn:aws:iam::{EXCEPTED}:role/{MEMBER_ROLE}"
        needed = {
            ("dispatch", triggers): POLL_QUEUE,
            ("dispatch", stack.stream_arn()): POLL_STREAM,
            ("lane", work): POLL_QUEUE,
            ("accept", accept): POLL_QUEUE,
            ("schedule", triggers): {"sqs:SendMessage"},
        } | {(role, key): USE_KEY for role in (*FUNCTIONS, "schedule")}
        needless = {
            ("dispatch", a_license): {"license-manager:CreateGrant"},
            ("accept", a_license): {"license-manager:CreateGrant"},
            ("lane", a_member): {"sts:AssumeRole"},
            ("dispatch", a_member): {"sts:AssumeRole"},
        }
        for rights, expected in ((needed, True), (needless, False)):
            for (role, resource), actions in rights.items():
                for action in sorted(actions):
                    given = stack.cloud.allows(HOLDER, f"{NAME}-{role}", action, resource)
                    expect(given == expected, f"{role}: {action} on {resource}: {'' if given else 'not '}allowed")
        stranger = stack.stranger()
        for call in (
            lambda: stranger("dynamodb").scan(TableName=stack.outputs["PolicyTableName"]),
            lambda: stranger("sqs").send_message(QueueUrl=stack.outputs["TriggersQueueUrl"], MessageBody="{}"),
            lambda: stranger("sts").assume_role(RoleArn=a_member, RoleSessionName="stranger"),
        ):
            expect(is_denied(call), "IAM is not enforced")
        print("rights: what each role needs, and no grants or other accounts for the others", flush=True)

    def play(self) -> None:
        """Everything that happens."""
        # The answers to open questions about AWS that give accept-grants the most to do.
        self.pretend.set_knobs(auto_accept_account_grants=False, grantor_may_activate_account_grants=False)
        self.stack.put_rule(RULE)
        self.settle("a rule in the policy table")
        event = json.loads(PURCHASED.read_text())
        expect(self.stack.matching_rules(event) == {"agreement-created"}, self.stack.matching_rules(event))
        self.pretend.control("purchase")
        self.stack.put_on_bus(event)
        self.settle("a purchase on the bus")
        sweeps = 0
        while self.active() != UNIT and sweeps < SWEEPS:
            self.stack.bring_due()
            self.sweep(by_schedule=sweeps == 0)
            sweeps += 1
            self.settle("a sweep")
        expect(self.active() == UNIT, f"ACTIVE in {sorted(self.active())}; refused by IAM: {self.gate.refused}")
        print(f"a purchase for a unit: ACTIVE in {len(UNIT)} accounts (sweeps: {sweeps})", flush=True)

        writes = self.writes()
        self.stack.send("triggers", self.stack.target_of("reconcile")["Input"])
        self.settle("a full reconcile")
        expect(self.writes() == writes, "a settled license is not left alone")
        expect(self.active() == UNIT, f"ACTIVE in {sorted(self.active())}")
        expect(self.stack.quarantined() == 0, "something was unreadable")
        expect(not self.gate.refused, self.gate.refused)

    def sweep(self, by_schedule: bool) -> None:
        """What comes every five minutes: by way of EventBridge Scheduler, which has its own pace, or straight away."""
        if by_schedule:
            self.stack.run_schedule("sweep")
            self.until(lambda: "sweep-now" not in self.stack.schedule_names(), "run of the schedule")
        else:
            self.stack.send("triggers", self.stack.target_of("sweep")["Input"])

    def active(self) -> set[str]:
        """The members in which the product is ACTIVE."""
        return self.pretend.active_accounts(DATABASE) - {HOLDER}

    def writes(self) -> int:
        """How many writing calls License Manager has had."""
        return sum(
            count for (_, action), count in self.gate.allowed.items() if not action.partition(":")[2].startswith(READS)
        )

    def settle(self, what: str) -> None:
        """Waits until the functions have nothing to do and the last of what they began is done."""
        # Lambda's pollers take a moment to see what was just sent; License Manager's workflows take a second.
        idle_since = None
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.stack.waiting():
                idle_since = None
            elif idle_since is None:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > 1.5:
                return
            time.sleep(0.1)
        raise AssertionError(f"{what}: still waiting after {PATIENCE:.0f} s: {self.stack.waiting()}")

    def until(self, come: Callable[[], bool], what: str) -> None:
        """Waits for something that comes by itself."""
        until = time.monotonic() + PATIENCE
        while not come():
            expect(time.monotonic() < until, f"no {what} within {PATIENCE:.0f} s; waiting: {self.stack.waiting()}")
            time.sleep(0.1)


def run(binaries: Path, program: Path) -> None:
    """Starts everything, deploys, plays, and ends everything."""
    with ExitStack() as ends:
        directory = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="grantway-ministack-")))
        arguments = ("sim", "--listen", "127.0.0.1:0", "--format", "json")
        simulator = ends.enter_context(Process(binaries / "grantctl", *arguments, environment={}))
        environment: dict[str, str] = simulator.announced()
        cloud = ends.enter_context(Cloud(program, HOLDER, directory))
        began = time.monotonic()
        stack = Stack(cloud, binaries, TOP / "infra", directory)
        for member in sorted(UNIT):
            stack.deploy_member(member)
        print(f"hub.yaml and {len(UNIT)} times member.yaml deployed: {time.monotonic() - began:.1f} s", flush=True)
        roles = {function: stack.role(function) for function in FUNCTIONS}
        gate = ends.enter_context(Gate(cloud, environment["AWS_ENDPOINT_URL"], roles, MEMBER_ROLE))
        for function in FUNCTIONS:
            stack.tell_functions(function, gate.endpoints(function))
        # Under the condition that hub.yaml gives it, which MiniStack does not know, the right is never there.
        anywhere = f"arn:aws:iam::*:role/{MEMBER_ROLE}"
        stack.add_rights(roles["accept"], "without-resource-org-id", "sts:AssumeRole", anywhere)
        story = Story(stack, Hub(environment), gate)
        story.inspect()
        story.inspect_rights()
        story.play()
        for (role, action), count in sorted(gate.allowed.items()):
            print(f"  {role}: {action} allowed {count} times")


def missing_programs(binaries: Path, program: Path) -> list[str]:
    """What has to be there first, one line each."""
    missing = [
        f"{binaries} has no {name}: cargo build -p distribute-grants -p accept-grants -p grantctl"
        for name in ("grantctl", *sorted(set(FUNCTIONS.values())))
        if not (binaries / name).is_file()
    ]
    if not program.is_file():
        missing.append(f"{program} is not there: pip install -r .ci/ministack.txt, and run this with that Python")
    missing += [f"{name} is not on the PATH" for name in ("openssl", "strip") if shutil.which(name) is None]
    return missing


def main() -> int:
    """Exit code 0 when all of it came about, 1 otherwise."""
    parser = argparse.ArgumentParser(description="Grantway's own templates on MiniStack, with IAM enforced")
    built = Path(os.environ.get("CARGO_TARGET_DIR", TOP / "target")) / "debug"
    beside = Path(sys.executable).parent / "ministack"
    parser.add_argument("--binaries", type=Path, default=built, help="where cargo put them (default: %(default)s)")
    parser.add_argument("--ministack", type=Path, default=beside, help="MiniStack's program (default: %(default)s)")
    arguments = parser.parse_args()
    binaries, program = arguments.binaries.resolve(), arguments.ministack.absolute()
    if missing := missing_programs(binaries, program):
        print("\n".join(missing))
        return 1
    # Nothing of whoever runs this may be taken for the emulators': no profile, no credentials, no endpoint.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    # By way of an exception, so that every process of ours is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    try:
        run(binaries, program)
    except Exception as error:
        print(f"FAILED after {time.monotonic() - began:.1f} s: {type(error).__name__}: {error}")
        return 1
    print(f"all as the rule says, by the rights that the templates give; {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""botocore's opinion: every scene of every service, in a calm world and in a hostile one."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import rubbish
from .desk import Desk, HostileDesk, Unanswered
from .excuses import EXCUSES
from .finding import Findings
from .reply import WHOLE
from .scenes import (
    cloud_trail,
    dynamodb,
    event_bridge,
    iam,
    license_manager,
    marketplace,
    organizations,
    service_quotas,
    sns,
    sqs,
    streams,
    sts,
)
from .simulator import Simulator

# Fewer cases than this say too little about an operation.
FEWEST_CASES = 3


@dataclass(frozen=True)
class Scene:
    """What is asked of one service, in one of its protocols."""

    service: str
    play: Callable[[Desk], None]
    # botocore's own choice when not given.
    protocol: str | None = None

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.service} ({self.protocol})" if self.protocol else self.service


SCENES = [
    Scene("license-manager", license_manager.play),
    Scene("organizations", organizations.play),
    Scene("marketplace-agreement", marketplace.play, "smithy-rpc-v2-cbor"),
    Scene("marketplace-agreement", marketplace.play, "json"),
    Scene("sts", sts.play),
    Scene("iam", iam.play),
    Scene("cloudtrail", cloud_trail.play),
    Scene("service-quotas", service_quotas.play),
    Scene("sqs", sqs.play),
    Scene("sns", sns.play),
    Scene("events", event_bridge.play),
    Scene("dynamodb", dynamodb.play),
    Scene("dynamodbstreams", streams.play),
]


@dataclass
class Count:
    """How much was asked."""

    operations: int
    answers: int
    refusals: int
    broken: int

    def __str__(self) -> str:
        asked = f"{self.answers:5} answers {self.refusals:5} refusals {self.broken:5} broken requests"
        return f"{self.operations:4} operations {asked}"


def run(binaries: Path) -> bool:
    """Plays all scenes; whether there was nothing to find fault with."""
    findings = Findings(EXCUSES)
    counts = []
    for scene in SCENES:
        with Simulator(binaries) as simulator:
            desk = Desk(simulator, scene.service, findings, scene.protocol)
            calm(scene, desk)
        broken = hostile(scene, binaries, findings)
        count = Count(len(desk.answers), desk.answers.total(), desk.refusals.total(), broken.total())
        counts.append(count)
        print(f"{scene.name:42} {count}", flush=True)
    whole = Count(*(sum(getattr(count, part) for count in counts) for part in vars(counts[0])))
    print(f"{'all':42} {whole}")
    with Simulator(binaries) as simulator:
        print(f"{'rubbish':42} {rubbish.throw(simulator, findings)} requests")
    for line in findings.lines():
        print(f"FINDING {line}")
    return not findings


def calm(scene: Scene, desk: Desk) -> None:
    """Everything that the scene has, and that it has everything which the simulator has."""
    try:
        scene.play(desk)
    except Unanswered as error:
        desk.find("scene", WHOLE, "stopped", "its end", str(error))
    except Exception as error:
        # An answer was not what the scene goes on with.
        desk.find("scene", WHOLE, "stopped", "its end", f"{type(error).__name__}: {error}")
    for operation in desk.all_operations():
        cases = desk.answers[operation] + desk.refusals[operation]
        if cases < FEWEST_CASES and desk.has(operation):
            desk.find(operation, WHOLE, "too few cases", f"{FEWEST_CASES} at least", str(cases))


def hostile(scene: Scene, binaries: Path, findings: Findings) -> Counter[str]:
    """What is forbidden, in as many worlds as it takes: one that took a broken request may be no good any more."""
    sent: set[tuple[str, str, str]] = set()
    while True:
        with Simulator(binaries) as simulator:
            desk = HostileDesk(simulator, scene.service, findings, scene.protocol, sent)
            try:
                scene.play(desk)
            except Exception as error:
                if desk.accepted:
                    continue
                desk.find("scene", WHOLE, "stopped by broken requests", "its end", f"{type(error).__name__}: {error}")
            return Counter(operation for operation, _, _ in sent)

"""Both play every script, and what differs is in the table or is a finding."""

import tempfile
from pathlib import Path

from .. import twin
from ..finding import Finding, Findings
from ..moto_server import ACCOUNT, MotoServer
from ..simulator import Simulator
from .difference import differences
from .player import Player, Script
from .scripts import dynamodb, event_bridge, organizations, sns, sqs, sts
from .table import DIFFERENCES

SCRIPTS: dict[str, Script] = {
    "organizations": organizations.play,
    "sts": sts.play,
    "sqs": sqs.play,
    "sns": sns.play,
    "events": event_bridge.play,
    "dynamodb": dynamodb.play,
}


def run(binaries: Path) -> bool:
    """Plays all scripts; whether they differ only where it is known."""
    findings = Findings(DIFFERENCES)
    compared = 0
    with MotoServer() as moto, tempfile.TemporaryDirectory() as folder:
        organization = twin.make(moto.endpoint)
        arguments = ("--organization", str(organization.write(Path(folder))))
        with Simulator(binaries, arguments) as simulator:
            for service, script in SCRIPTS.items():
                one = Player(service, moto.endpoint, ACCOUNT, organization)
                other = Player(service, simulator.endpoint, ACCOUNT, organization, simulator.pass_time)
                calls = compare(service, script, one, other, findings)
                compared += calls
                print(f"{service:14} {calls:4} calls compared", flush=True)
    for finding, reason in sorted(findings.excused.items(), key=lambda pair: str(pair[0])):
        where = f"{finding.service} {finding.operation} {finding.place}"
        print(f"{where}: moto {finding.expected}, here {finding.actual}: {reason}")
    print(f"{compared} calls compared, {len(findings.excused)} differences for {len(DIFFERENCES)} reasons")
    for line in findings.lines():
        print(f"FINDING {line}")
    return not findings


def compare(service: str, script: Script, moto: Player, simulator: Player, findings: Findings) -> int:
    """Plays one script in both; how many calls were compared."""
    for player in (moto, simulator):
        try:
            script(player)
        except (KeyError, IndexError) as error:
            # An answer did not have what the script goes on with, and the other one's may have.
            last = player.outcomes[-1]
            who = "moto" if player is moto else "simulator"
            findings.add(
                Finding(service, last.operation, "answer", f"{who} stopped", "more", f"{error!r}: {last.answer}")
            )
    pairs = list(zip(moto.outcomes, simulator.outcomes, strict=False))
    for one, other in pairs:
        if one.operation != other.operation:
            findings.add(Finding(service, one.operation, "script", "other calls", one.operation, other.operation))
            break
        for difference in differences(one.answer, other.answer):
            findings.add(
                Finding(
                    service, one.operation, difference.place, difference.kind, difference.moto, difference.simulator
                )
            )
    return len(pairs)

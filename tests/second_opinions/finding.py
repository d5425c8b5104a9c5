"""What is wrong, and what is known to look wrong and is not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Finding:
    """One place where an answer and an opinion differ, without the values' accidental parts."""

    service: str
    operation: str
    # Where in the answer or the request: `Licenses[].CreateTime`, or a word for the whole of it.
    place: str
    # What kind of difference: `enum`, `pattern`, `not refused`, ...
    kind: str
    expected: str = field(compare=False)
    actual: str = field(compare=False)

    def __str__(self) -> str:
        head = f"{self.service} {self.operation} {self.place}: {self.kind}"
        return f"{head}: expected {self.expected}, was {self.actual}"


@dataclass(frozen=True)
class Excuse:
    """A finding that is right as it is. `*` in a part stands for anything."""

    service: str
    operation: str
    place: str
    kind: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether this is the reason for that."""
        pairs = (
            (finding.service, self.service),
            (finding.operation, self.operation),
            # Brackets are part of a place, to fnmatch they are a set of letters.
            (finding.place.replace("[]", "#"), self.place.replace("[]", "#")),
            (finding.kind, self.kind),
        )
        return all(fnmatchcase(said, pattern) for said, pattern in pairs)


class Findings:
    """Collects findings, each once, and holds them against the excuses."""

    def __init__(self, excuses: Iterable[Excuse]) -> None:
        self._excuses = list(excuses)
        self._used: set[Excuse] = set()
        self._found: dict[Finding, int] = {}
        # What was excused, with the reason.
        self.excused: dict[Finding, str] = {}

    def add(self, finding: Finding) -> None:
        """Takes a finding down, unless it is excused."""
        excuses = [excuse for excuse in self._excuses if excuse.covers(finding)]
        self._used.update(excuses)
        if excuses:
            self.excused[finding] = excuses[0].reason
        else:
            self._found[finding] = self._found.get(finding, 0) + 1

    def __bool__(self) -> bool:
        """Whether there is anything to find fault with."""
        return bool(self.lines())

    def idle_excuses(self) -> list[Excuse]:
        """Excuses that nothing needed: what they excuse has been mended, so they have to go."""
        return [excuse for excuse in self._excuses if excuse not in self._used]

    def lines(self) -> list[str]:
        """All of it, one line each, sorted."""
        found = [f"{finding}" + (f" ({count} times)" if count > 1 else "") for finding, count in self._found.items()]
        idle = [
            f"{excuse.service} {excuse.operation} {excuse.place}: {excuse.kind}: excused, but no longer so"
            for excuse in self.idle_excuses()
        ]
        return sorted(found) + sorted(idle)

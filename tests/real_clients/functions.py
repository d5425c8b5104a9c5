"""The three functions as processes, and what Lambda and the schedule do to them."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .hub import Hub
from .process import Process
from .runtime_api import RuntimeApi

BINARIES = {"dispatch": "distribute-grants", "lane": "distribute-grants", "accept": "accept-grants"}
# Which function reads which queue, and at most how many messages at a time.
BATCHES = (("dispatch", "triggers", 10), ("lane", "work", 1), ("accept", "accept", 1))

# Seconds between two sweeps, as infra/hub.yaml has it.
SWEEP = 300
# Sweeps that anything may take to come about.
PATIENCE = 10


class Functions:
    """The functions of one hub; they run until the stack that they were started on is left."""

    def __init__(self, stack: ExitStack, binaries: Path, environment: dict[str, str], hub: Hub) -> None:
        self.hub = hub
        self.invocations = dict.fromkeys(BINARIES, 0)
        self._apis = {}
        for function, binary in BINARIES.items():
            api = stack.enter_context(RuntimeApi())
            own = {
                "AWS_LAMBDA_RUNTIME_API": api.address,
                "AWS_LAMBDA_FUNCTION_NAME": function,
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "GRANTWAY_FUNCTION": function,
            }
            stack.enter_context(Process(binaries / binary, environment=environment | own))
            self._apis[function] = api

    def invoke(self, function: str, records: list[dict[str, Any]]) -> None:
        """Hands a function one batch, all of which it has to deal with."""
        self.invocations[function] += 1
        answer = self._apis[function].invoke({"Records": records})
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

    def sweep(self) -> None:
        """Five minutes pass and the schedule sends its message."""
        self.hub.pass_time(SWEEP)
        self.hub.send("triggers", '{"job": "sweep"}')
        self.pump()

    def until_active(self, what: str, sku: str, expected: set[str]) -> None:
        """Sweeps until exactly these accounts, the holder's among them, have the product, then once more."""
        sweeps = 0
        self.pump()
        while self.hub.active_accounts(sku) != expected and sweeps < PATIENCE:
            sweeps += 1
            self.sweep()
        self.sweep()
        seen = self.hub.active_accounts(sku)
        if seen != expected:
            raise AssertionError(f"{what}: missing {sorted(expected - seen)}, too many {sorted(seen - expected)}")
        print(f"{what}: ACTIVE in {len(expected)} accounts, the holder's among them (sweeps: {sweeps})", flush=True)

    def told(self) -> str:
        """How often each was invoked."""
        return "invocations: " + ", ".join(f"{name} {count}" for name, count in self.invocations.items())

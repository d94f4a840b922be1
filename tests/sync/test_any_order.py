"""Whatever happens in whatever order, the mirror converges: a model-based test over rules that hypothesis chooses."""

import itertools

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from integrations.metadata.snapshot import choosable, chosen_entity
from microsoft.errors import MicrosoftError
from sync.engine.strategy import Strategy
from tests.sandbox.dataverse.test_metadata_writes import column, post
from tests.sync.comparing import assert_mirrors
from tests.sync.test_mirror import create, delete, patch

numbers = itertools.count(1)
TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12)


class Anything(RuleBasedStateMachine):
    """Set `bench`, `api`, `world` on a subclass. Every run but a full one may meet a fault and be repeated."""

    bench = api = world = None

    @initialize(parallel=st.sampled_from([1, 3]), size=st.sampled_from([7, 40, 5000]))
    def begin(self, parallel, size):
        self.keys = []
        self.bench.parallel, self.bench.page_size = parallel, size
        self.bench.strategy = Strategy.TRACKED

    @rule(name=TEXT, budget=st.one_of(st.none(), st.integers(0, 10**7)))
    def a_record_is_created(self, name, budget):
        self.keys.append(create(self.api, f"{next(numbers)}", smp_summary=name, smp_budget=budget))

    @rule(
        at=st.integers(0, 50), text=TEXT, channels=st.sampled_from([None, "727000000", "727000001,727000002"])
    )
    def a_record_is_changed(self, at, text, channels):
        if self.keys:
            patch(self.api, self.keys[at % len(self.keys)], smp_summary=text, smp_channels=channels)

    @rule(at=st.integers(0, 50))
    def a_record_is_deleted(self, at):
        if self.keys:
            delete(self.api, self.keys.pop(at % len(self.keys)))

    @rule()
    def a_column_is_added_and_chosen(self):
        name = f"new_Extra{next(numbers)}"
        attributes = "EntityDefinitions(LogicalName='smp_project')/Attributes"
        post(self.api, attributes, column("String", name, MaxLength=50))
        found = self.bench.dataverse.entity("smp_project")
        chosen = [each.logical_name for each in choosable(found)]
        self.bench.entity = chosen_entity(found, chosen, {}, name="project")
        self.bench.version = name
        self.keys.append(create(self.api, f"{next(numbers)}", **{name.lower(): "filled"}))

    @rule()
    def the_token_expires(self):
        self._move(8 * 86400)
        self._run()
        self._move(-8 * 86400)

    @rule(strategy=st.sampled_from(list(Strategy)))
    def another_way_is_chosen(self, strategy):
        self.bench.strategy = strategy

    @rule(
        kind=st.sampled_from(["429", "503", "reset", "drop_response"]),
        skip=st.integers(0, 6),
        meddling=st.booleans(),
    )
    def a_run_meets_trouble(self, kind, skip, meddling):
        fault = (
            {"kind": "status", "status": int(kind), "retry_after": 60} if kind.isdigit() else {"kind": kind}
        )
        self.world.faults.add({**fault, "path": "smp_projects", "method": "GET", "skip": skip, "count": 2})
        try:
            self._run(self._meddle() if meddling else lambda _state: None)
        except MicrosoftError:
            pass
        finally:
            self.world.faults.remove()

    @rule()
    def a_run_ends(self):
        self._run()

    @invariant()
    def it_converges(self):
        """Two runs after whatever it was: one may only have gone on with what was interrupted."""
        if getattr(self, "keys", None) is None or not self.keys or len(self.keys) % 3:
            return
        self._converge()

    def teardown(self):
        if hasattr(self, "keys"):
            self._converge()
            for key in self.keys:
                delete(self.api, key)

    def _converge(self):
        self._run()
        # Without tracking deletions wait for the comparison, and names of other records never come by themselves.
        self._run(full=self.bench.strategy is not Strategy.TRACKED)
        assert_mirrors(self.bench, self.api)

    def _run(self, report=lambda _state: None, **wanted):
        return self.bench.run(report, version=getattr(self.bench, "version", "1"), **wanted)

    def _meddle(self):
        done = []

        def report(_state):
            if not done:
                done.append(create(self.api, f"{next(numbers)}", smp_summary="meanwhile"))
                self.keys += done

        return report

    def _move(self, seconds):
        self.world.clock.advance(seconds)
        self.api.token = self.api.person_token("ana")
        self.bench.dataverse._tokens.value = self.api.token


def _try(bench, api, sandbox, **bounds):
    machine = type("Machine", (Anything,), {"bench": bench, "api": api, "world": sandbox})
    checks = list(HealthCheck)
    run_state_machine_as_test(
        machine, settings=settings(deadline=None, suppress_health_check=checks, database=None, **bounds)
    )


def test_a_few_orders(bench, api, sandbox):
    _try(
        bench, api, sandbox, max_examples=3, stateful_step_count=7, derandomize=True, phases=[Phase.generate]
    )


@pytest.mark.long
def test_many_orders(anywhere, api, sandbox):
    _try(anywhere, api, sandbox, max_examples=25, stateful_step_count=20)

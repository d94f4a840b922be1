"""Whatever happens in whatever order, the mirror converges: a model-based test over rules that hypothesis chooses."""

import itertools

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from integrations.metadata.snapshot import choosable, chosen_entity
from microsoft.errors import Invalid, MicrosoftError, Unauthorized
from sync.engine.strategy import Strategy
from tests.sandbox.dataverse.test_metadata_writes import column, post
from tests.sandbox.dataverse.test_metadata_writes import delete as delete_metadata
from tests.sync.comparing import assert_mirrors
from tests.sync.test_mirror import create, delete, patch

numbers = itertools.count(1)
TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12)
ATTRIBUTES = "EntityDefinitions(LogicalName='smp_project')/Attributes"
DEEDS = ["create", "change", "delete", "add_column", "drop_column", "expire"]


class Anything(RuleBasedStateMachine):
    """Set `bench`, `api`, `world` on a subclass. What happens between two runs happens between two pages as well."""

    bench = api = world = None

    @initialize(parallel=st.sampled_from([1, 3]), size=st.sampled_from([7, 40, 5000]))
    def begin(self, parallel, size):
        self.keys, self.extras, self.moved = [], [], 0
        self.bench.parallel, self.bench.page_size = parallel, size
        self.bench.strategy = Strategy.TRACKED
        self._look()

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
        self._add_column()
        self._look()

    @rule()
    def a_column_is_deleted(self):
        self._drop_column()

    @rule()
    def the_token_expires(self):
        self._expire()
        self._run()
        self._turn_back()

    @rule(strategy=st.sampled_from(list(Strategy)))
    def another_way_is_chosen(self, strategy):
        self.bench.strategy = strategy

    @rule(
        kind=st.sampled_from(["", "429", "503", "reset", "drop_response"]),
        skip=st.integers(0, 6),
        deeds=st.lists(st.sampled_from(DEEDS), max_size=3),
    )
    def a_run_is_disturbed(self, kind, skip, deeds):
        fault = {"kind": kind}
        if kind.isdigit():
            fault = {"kind": "status", "status": int(kind), "retry_after": 60}
        if kind:
            self.world.faults.add(
                {**fault, "path": "smp_projects", "method": "GET", "skip": skip, "count": 2}
            )
        try:
            self._run(self._meanwhile(deeds))
        except MicrosoftError as error:
            # A page that was asked for while the clock moved bears a sign-in of before.
            outdated = isinstance(error, Unauthorized) and "expire" in deeds
            assert kind or outdated, "nothing but the fault ends a run"
        finally:
            self.world.faults.remove()
            self._turn_back()
            self._look()

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
            while self.extras:
                self._drop_column()

    def _converge(self):
        self._run()
        # Without tracking deletions wait for the comparison, and names of other records never come by themselves.
        self._run(full=self.bench.strategy is not Strategy.TRACKED)
        assert_mirrors(self.bench, self.api)

    def _run(self, report=lambda _state: None, **wanted):
        """As a job does: where Dynamics refuses the question, it looks once what columns there are."""
        try:
            return self.bench.run(report, version=self.version, **wanted)
        except Invalid:
            self._look()
            return self.bench.run(report, version=self.version, **wanted)

    def _meanwhile(self, deeds):
        """Does one of them behind each page."""
        left = list(deeds)
        return lambda _state: getattr(self, f"_{left.pop(0)}")() if left else None

    def _create(self):
        self.keys.append(create(self.api, f"{next(numbers)}", smp_summary="meanwhile"))

    def _change(self):
        self.a_record_is_changed(next(numbers), "changed meanwhile", "727000000")

    def _delete(self):
        self.a_record_is_deleted(next(numbers))

    def _add_column(self):
        name = f"new_Extra{next(numbers)}"
        post(self.api, ATTRIBUTES, column("String", name, MaxLength=50))
        self.extras.append(name.lower())
        self.keys.append(create(self.api, f"{next(numbers)}", **{name.lower(): "filled"}))

    def _drop_column(self):
        if self.extras:
            delete_metadata(self.api, f"{ATTRIBUTES}(LogicalName='{self.extras.pop(0)}')")

    def _look(self):
        """Choose every column that there is."""
        self.version = ",".join(self.extras) or "1"
        found = self.bench.dataverse.entity("smp_project")
        chosen = [each.logical_name for each in choosable(found)]
        self.bench.entity = chosen_entity(found, chosen, {}, name="project")

    def _expire(self):
        """Change tokens that were given before are forgotten, until the clock is turned back."""
        self._move(8 * 86400)

    def _turn_back(self):
        if self.moved:
            self._move(-self.moved)

    def _move(self, seconds):
        self.moved += seconds
        self.world.clock.advance(seconds)
        self.api.token = self.api.person_token("ana")
        self.bench.dataverse._tokens.value = self.api.token


def _try(bench, api, sandbox, **bounds):
    machine = type("Machine", (Anything,), {"bench": bench, "api": api, "world": sandbox})
    checks = list(HealthCheck)
    run_state_machine_as_test(
        machine, settings=settings(deadline=None, suppress_health_check=checks, database=None, **bounds)
    )


def test_a_few_orders(anywhere, api, sandbox):
    _try(
        anywhere,
        api,
        sandbox,
        max_examples=2,
        stateful_step_count=6,
        derandomize=True,
        phases=[Phase.generate],
    )


@pytest.mark.long
def test_many_orders(anywhere, api, sandbox):
    _try(anywhere, api, sandbox, max_examples=25, stateful_step_count=20)

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from random_chains import chains, is_on, toggles_needed
from scripted_modules import books, module
from syncline_server.core import toggles
from syncline_server.core.catalogue import ProviderCatalogue
from syncline_server.core.errors import FailedPrecondition, Reason


def closed(chain: ProviderCatalogue, on: frozenset[str]) -> bool:
    """Tell whether everything that these toggles need is on."""
    return all(toggles_needed(chain, each) <= on for each in on)


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_any_sequence_of_changes_keeps_what_is_needed_on(data: st.DataObject) -> None:
    """After each accepted change all that is needed is on, and what came along is told exactly."""
    chain = data.draw(chains())
    known = sorted(chain.toggles)
    on: frozenset[str] = frozenset()
    for _ in range(6 if known else 0):
        wanted = data.draw(st.dictionaries(st.sampled_from(known), st.booleans(), min_size=1))
        try:
            change = toggles.change(chain, on, wanted)
        except FailedPrecondition as refusal:
            assert_locked(chain, on, wanted, refusal)
            continue
        assert closed(chain, change.on)
        assert_exactly_told(chain, on, wanted, change)
        on = change.on


def assert_exactly_told(
    chain: ProviderCatalogue, on: frozenset[str], wanted: dict[str, bool], change: toggles.Change
) -> None:
    """Check that a change did what was asked, what that needs, and nothing else."""
    asked_on = {name for name, value in wanted.items() if value}
    asked_off = wanted.keys() - asked_on
    assert asked_on <= change.on
    assert not asked_off & change.on
    assert on - asked_off <= change.on
    assert set(change.also_enabled) == change.on - on - asked_on
    needed = {each for name in asked_on for each in toggles_needed(chain, name)}
    assert set(change.also_enabled) <= needed
    order = list(chain.toggles)
    assert list(change.also_enabled) == sorted(change.also_enabled, key=order.index)


def assert_locked(
    chain: ProviderCatalogue,
    on: frozenset[str],
    wanted: dict[str, bool],
    refusal: FailedPrecondition,
) -> None:
    """Check that a refusal names every toggle that needs one of those to be off."""
    asked_off = {name for name, value in wanted.items() if not value}
    stays = (on | wanted.keys()) - asked_off
    holders = {each for each in stays if toggles_needed(chain, each) & asked_off}
    assert {blocker.subject for blocker in refusal.blockers} == holders
    assert {blocker.reason for blocker in refusal.blockers} == {Reason.TOGGLE_LOCKED}
    assert all(blocker.description in refusal.message for blocker in refusal.blockers)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_nodes_are_on_with_their_toggles(data: st.DataObject) -> None:
    """A module is on with its toggle, a step while all that it requires is on."""
    chain = data.draw(chains())
    known = sorted(chain.toggles)
    on = data.draw(st.sets(st.sampled_from(known))) if known else set()

    enabled = toggles.enabled_nodes(chain, on)

    assert enabled == {name for name in chain.nodes if is_on(chain, on, name)}


def test_modules_of_one_toggle_pull_in_what_any_of_them_needs() -> None:
    """A toggle that governs two modules needs what either requires."""
    chain = books(
        module("a"),
        module("b"),
        module("push", requires=["a"], toggle="both"),
        module("pull", requires=["b"], toggle="both"),
    )

    change = toggles.change(chain, frozenset(), {"both": True})

    assert change.on == {"a", "b", "both"}
    assert change.also_enabled == ("a", "b")


def test_toggles_that_need_each_other_go_off_together() -> None:
    """Where two toggles need each other neither goes off alone, and both do at once."""
    chain = books(
        module("first", toggle="t"),
        module("second", toggle="u", requires=["first"]),
        module("third", toggle="t", requires=["second"]),
    )
    on = toggles.change(chain, frozenset(), {"t": True}).on
    assert on == {"t", "u"}

    with pytest.raises(FailedPrecondition):
        toggles.change(chain, on, {"u": False})

    assert toggles.change(chain, on, {"t": False, "u": False}).on == frozenset()


def test_toggle_cannot_go_on_while_what_it_needs_goes_off() -> None:
    """A change that contradicts itself is refused as a whole."""
    chain = books(module("items"), module("invoices", requires=["items"]))

    with pytest.raises(FailedPrecondition) as refused:
        toggles.change(chain, frozenset(), {"items": False, "invoices": True})

    assert [blocker.subject for blocker in refused.value.blockers] == ["invoices"]


def test_toggle_of_a_removed_plugin_stays_without_effect() -> None:
    """A stored toggle that nothing declares any more hinders no change."""
    chain = books(module("items"))

    change = toggles.change(chain, frozenset({"gone"}), {"items": True})

    assert change == toggles.Change(frozenset({"gone", "items"}), ())

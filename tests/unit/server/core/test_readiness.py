import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from random_chains import chains, comes_before, is_complete
from scripted_modules import books, module, step
from syncline_sdk import ManualStep
from syncline_server.core import readiness, toggles
from syncline_server.core.catalogue import ProviderCatalogue
from syncline_server.core.errors import Blocker, Reason
from syncline_server.core.model import ConnectionState
from syncline_server.core.names import Connection
from syncline_server.core.readiness import ChainFacts

TAX = books(
    module("rates"), step("mapping", requires=["rates"]), module("items", requires=["mapping"])
)


def facts(
    chain: ProviderCatalogue,
    *,
    on: set[str] | None = None,
    succeeded: set[str] | None = None,
    mappings: dict[str, int] | None = None,
    state: ConnectionState = ConnectionState.CONNECTED,
) -> ChainFacts:
    """Return facts: everything on and nothing done unless told otherwise."""
    switched = set(chain.toggles) if on is None else on
    return ChainFacts(
        connection=Connection("acme", "books"),
        state=state,
        enabled=toggles.enabled_nodes(chain, switched),
        succeeded=frozenset(succeeded or ()),
        open_mappings=mappings or {},
    )


def told(found: tuple[Blocker, ...]) -> list[tuple[str, str, str]]:
    """Return blockers as reason, subject and advice."""
    return [(blocker.reason.value, blocker.subject, blocker.description) for blocker in found]


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_node_is_blocked_by_exactly_what_is_incomplete_before_it(data: st.DataObject) -> None:
    """Every incomplete prerequisite is named, in the order of the chain, and nothing else."""
    chain = data.draw(chains())
    on = set(data.draw(st.sets(st.sampled_from(sorted(chain.toggles))))) if chain.toggles else set()
    succeeded = data.draw(st.sets(st.sampled_from(sorted(chain.nodes))))
    steps = [name for name, node in chain.nodes.items() if isinstance(node, ManualStep)]
    mappings = {name: data.draw(st.integers(0, 2)) for name in steps}
    known = facts(chain, on=on, succeeded=succeeded, mappings=mappings)

    for name in chain.nodes:
        found = readiness.blockers(chain, known, name)
        missing = {
            each
            for each in comes_before(chain, on, name)
            if not is_complete(chain, on, succeeded, mappings, each)
        }
        incomplete = [b.subject for b in found if b.reason is Reason.PREREQUISITE_INCOMPLETE]
        assert incomplete == [each for each in chain.graph.order if each in missing]
        assert all(blocker.description and blocker.title for blocker in found)


def test_everything_in_the_way_is_told_at_once_with_advice() -> None:
    """Connection, toggle and every prerequisite are blockers of one answer, first things first."""
    found = readiness.blockers(
        TAX, facts(TAX, on=set(), state=ConnectionState.NOT_CONNECTED), "items"
    )

    assert told(found) == [
        (
            "NOT_CONNECTED",
            "workspaces/acme/connections/books",
            "Connect Books.",
        ),
        ("MODULE_OFF", "items", "Turn Sync items on."),
        (
            "PREREQUISITE_INCOMPLETE",
            "rates",
            "Turn Sync rates on and sync Module rates first.",
        ),
        (
            "PREREQUISITE_INCOMPLETE",
            "mapping",
            "Complete Step mapping.",
        ),
    ]


@pytest.mark.parametrize(
    ("succeeded", "mappings", "expected"),
    [
        pytest.param(
            set(),
            {},
            [
                "Sync Module rates first.",
                "Complete Step mapping.",
            ],
            id="nothing-done",
        ),
        pytest.param({"rates"}, {"mapping": 3}, ["Map 3 open tax rates."], id="to-map"),
        pytest.param({"rates"}, {"mapping": 1}, ["Map 1 open tax rate."], id="one-to-map"),
        pytest.param({"rates"}, {}, [], id="ready"),
    ],
)
def test_advice_follows_what_is_missing(
    succeeded: set[str], mappings: dict[str, int], expected: list[str]
) -> None:
    """The advice names the next thing to do: run it, or settle so many mappings."""
    found = readiness.blockers(TAX, facts(TAX, succeeded=succeeded, mappings=mappings), "items")

    assert [blocker.description for blocker in found] == expected


def test_lost_access_is_told_apart_from_never_connected() -> None:
    """RECONNECT_REQUIRED has its own reason and advice."""
    known = facts(TAX, state=ConnectionState.RECONNECT_REQUIRED)

    (found,) = readiness.blockers(TAX, known, "rates")

    assert found.reason is Reason.RECONNECT_REQUIRED
    assert found.description == "Reconnect Books: it ended our access."


def test_module_that_goes_after_another_ignores_it_while_it_is_off() -> None:
    """An after-edge counts only while its target is on."""
    chain = books(module("rates"), module("contacts", after=["rates"]))

    assert readiness.blockers(chain, facts(chain, on={"contacts"}), "contacts") == ()
    (blocker,) = readiness.blockers(chain, facts(chain), "contacts")
    assert blocker.subject == "rates"


def test_module_that_was_turned_off_is_not_complete() -> None:
    """Success of earlier does not count while the module is off."""
    known = facts(TAX, on=set(), succeeded={"rates"})

    assert readiness.complete_nodes(TAX, known) == frozenset()

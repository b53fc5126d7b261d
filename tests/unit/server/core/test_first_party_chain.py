"""The chain that ships, line by line as the product's description tells it."""

from datetime import timedelta

import pytest

from syncline_sdk import ModuleSpec
from syncline_server.core import readiness, toggles
from syncline_server.core.catalogue import ProviderCatalogue
from syncline_server.core.errors import FailedPrecondition
from syncline_server.core.model import ConnectionState
from syncline_server.core.names import Connection
from syncline_server.core.readiness import ChainFacts
from syncline_server.registry import load

ALL = frozenset({"contacts", "tax_rates", "items", "invoices"})


@pytest.fixture(scope="module")
def xero() -> ProviderCatalogue:
    """The installed Xero plugin, through the same door as anybody's."""
    return load().providers["xero"]


def facts(
    xero: ProviderCatalogue, on: frozenset[str], *succeeded: str, to_map: int = 0
) -> ChainFacts:
    """Return the facts of a connected workspace."""
    return ChainFacts(
        connection=Connection("acme", "books"),
        state=ConnectionState.CONNECTED,
        enabled=toggles.enabled_nodes(xero, on),
        succeeded=frozenset(succeeded),
        open_mappings={"tax_mapping": to_map},
    )


def may_run(xero: ProviderCatalogue, known: ChainFacts) -> set[str]:
    """Return the modules that nothing keeps from running."""
    return {name for name in xero.modules if not readiness.blockers(xero, known, name)}


@pytest.mark.parametrize(
    ("node", "requires", "after", "seconds"),
    [
        ("tax_rates", (), (), 60),
        ("tax_mapping", ("tax_rates",), (), None),
        ("contacts", (), ("tax_mapping",), 60),
        ("items", ("tax_mapping",), (), 60),
        ("invoice_push", ("contacts", "items", "tax_mapping"), (), 5),
        ("invoice_pull", ("contacts", "items", "tax_mapping"), (), 10),
    ],
)
def test_node_is_declared_as_described(
    xero: ProviderCatalogue,
    node: str,
    requires: tuple[str, ...],
    after: tuple[str, ...],
    seconds: int | None,
) -> None:
    """Each row of the chain's table has its edges and its cooldown."""
    declared = xero.nodes[node]
    assert (declared.requires, declared.after) == (requires, after)
    if isinstance(declared, ModuleSpec):
        assert declared.cooldown == timedelta(seconds=seconds or 0)
    else:
        assert seconds is None


@pytest.mark.parametrize(
    ("toggle", "also"),
    [
        ("contacts", ()),
        ("tax_rates", ()),
        ("items", ("tax_rates",)),
        ("invoices", ("tax_rates", "contacts", "items")),
    ],
)
def test_toggle_alone_turns_on_what_it_requires(
    xero: ProviderCatalogue, toggle: str, also: tuple[str, ...]
) -> None:
    """Each toggle can be set on its own and brings exactly what it needs."""
    change = toggles.change(xero, frozenset(), {toggle: True})

    assert change.also_enabled == also
    assert change.on == {toggle, *also}


def test_items_keep_tax_rates_on(xero: ProviderCatalogue) -> None:
    """Tax Rates cannot go off while Items is on, and can when it goes off as well."""
    on = frozenset({"items", "tax_rates"})

    with pytest.raises(FailedPrecondition) as refused:
        toggles.change(xero, on, {"tax_rates": False})

    assert [blocker.subject for blocker in refused.value.blockers] == ["items"]
    assert "turn Sync Items off first" in refused.value.message
    assert toggles.change(xero, on, {"tax_rates": False, "items": False}).on == frozenset()


@pytest.mark.parametrize(
    ("toggle", "holders"),
    [("contacts", ["invoices"]), ("items", ["invoices"]), ("tax_rates", ["items", "invoices"])],
)
def test_invoices_lock_everything_below(
    xero: ProviderCatalogue, toggle: str, holders: list[str]
) -> None:
    """With Invoices on no other toggle goes off, and the refusal names everybody in the way."""
    with pytest.raises(FailedPrecondition) as refused:
        toggles.change(xero, ALL, {toggle: False})

    assert [blocker.subject for blocker in refused.value.blockers] == holders


def test_invoices_go_off_alone(xero: ProviderCatalogue) -> None:
    """Turning Invoices off leaves the others as they are."""
    assert toggles.change(xero, ALL, {"invoices": False}).on == ALL - {"invoices"}


def test_contacts_alone_need_no_tax_rates(xero: ProviderCatalogue) -> None:
    """A workspace that only wants contacts syncs them at once."""
    assert may_run(xero, facts(xero, frozenset({"contacts"}))) == {"contacts"}


def test_contacts_wait_for_the_mapping_where_tax_rates_are_on(xero: ProviderCatalogue) -> None:
    """With Tax Rates on, contacts come behind the mapping, without locking or needing it."""
    on = toggles.change(xero, frozenset({"contacts"}), {"tax_rates": True}).on

    assert may_run(xero, facts(xero, on)) == {"tax_rates"}
    assert may_run(xero, facts(xero, on, "tax_rates", to_map=1)) == {"tax_rates"}
    assert may_run(xero, facts(xero, on, "tax_rates")) == {"tax_rates", "contacts"}
    assert toggles.change(xero, on, {"tax_rates": False}).on == {"contacts"}


def test_with_all_on_the_order_is_exact(xero: ProviderCatalogue) -> None:
    """Tax rates, then the mapping, then contacts and items side by side, then invoices."""
    first = {"tax_rates"}
    second = first | {"contacts", "items"}
    everything = second | {"invoice_push", "invoice_pull"}

    assert may_run(xero, facts(xero, ALL)) == first
    assert may_run(xero, facts(xero, ALL, "tax_rates", to_map=2)) == first
    assert may_run(xero, facts(xero, ALL, "tax_rates")) == second
    assert may_run(xero, facts(xero, ALL, "tax_rates", "contacts")) == second
    assert may_run(xero, facts(xero, ALL, "tax_rates", "items")) == second
    assert may_run(xero, facts(xero, ALL, "tax_rates", "contacts", "items")) == everything


def test_reopened_mapping_stops_everything_behind_it(xero: ProviderCatalogue) -> None:
    """A mapping that is open again blocks all that comes after it, naming only that step."""
    known = facts(xero, ALL, "tax_rates", "contacts", "items", to_map=1)

    assert may_run(xero, known) == {"tax_rates"}
    found = readiness.blockers(xero, known, "invoice_push")
    assert [(each.subject, each.description) for each in found] == [
        ("tax_mapping", "Map 1 open tax rate.")
    ]


def test_all_blockers_of_a_push_are_told_from_the_start(xero: ProviderCatalogue) -> None:
    """In a fresh workspace a push names each step on its way, in order."""
    found = readiness.blockers(xero, facts(xero, ALL), "invoice_push")

    assert [each.subject for each in found] == ["tax_rates", "tax_mapping", "contacts", "items"]

from decimal import Decimal
from functools import partial

import pytest

from bookkeeping import add_tax_code, add_tax_rate, rows
from running import ACME, KAURI, connect, noon, running
from syncline_server.core.errors import (
    Aborted,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Reason,
)
from syncline_server.core.etags import of
from syncline_server.core.listing import MappingFilter
from syncline_server.core.model import MappingState
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged, Notice
from syncline_server.core.organisations import Organisation
from syncline_server.core.tax_mapping import TaxDecision
from syncline_server.rpc.messages.mapping import tax_mapping
from syncline_server.services.organisations import find_organisation
from syncline_server.services.tax_mappings import TaxMappings
from syncline_server.storage import tax_rates
from syncline_server.storage.database import Database

RIMU = Organisation("acme", "xero", "rimu")


@pytest.fixture(autouse=True)
def connected(database: Database) -> None:
    """Every test works on an organisation with two tax types and two tax codes."""
    connect(database)
    add_tax_rate(database, "OUTPUT", "15.0000")
    add_tax_rate(database, "ZERO", "0")
    add_tax_code(database, "gst", "15")
    add_tax_code(database, "nil", "0")


def service(database: Database, notices: list[Notice] | None = None) -> TaxMappings:
    """Return the service."""
    told: list[Notice] = [] if notices is None else notices
    return TaxMappings(database, noon, partial(find_organisation, database), told.append)


def to(tax_type: str, tax_code: str, *, confirm: bool = False, etag: str = "") -> TaxDecision:
    """Return the decision to map a tax type to a tax code."""
    return TaxDecision(
        tax_type=tax_type,
        fields=frozenset({"tax_code"}),
        tax_code=f"workspaces/acme/taxCodes/{tax_code}",
        confirm_rate_mismatch=confirm,
        etag=etag,
    )


def standing(database: Database) -> list[tuple[str, str | None]]:
    """Return state and tax code of every tax type."""
    return [(row["state"], row["tax_code_id"]) for row in rows(database, "tax_rates", "tax_type")]


def reasons(refusal: FailedPrecondition) -> list[Reason]:
    """Return why something was refused."""
    return [blocker.reason for blocker in refusal.blockers]


def test_settling_every_tax_type_closes_the_step(database: Database) -> None:
    """Mapped and unused tax types are not open, and watchers are told."""
    notices: list[Notice] = []
    unused = TaxDecision(tax_type="ZERO", fields=frozenset({"not_used"}), not_used=True)

    mappings = service(database, notices).batch_update(ACME, [to("OUTPUT", "gst"), unused])

    assert [each.state for each in mappings] == [MappingState.MAPPED, MappingState.NOT_USED]
    assert tax_rates.open_count(database, ACME, KAURI.id) == 0
    assert notices == [ConnectionChanged(ACME)]


def test_the_one_free_code_of_the_rate_is_suggested(database: Database) -> None:
    """A suggestion needs exactly one free tax code of the rate, and is never applied."""
    found = service(database).page(ACME, MappingFilter(), "", 10)
    assert [each.suggestion_id for each in found] == ["gst", "nil"]
    assert standing(database) == [("UNMAPPED", None), ("UNMAPPED", None)]

    add_tax_code(database, "gst2", "15")
    found = service(database).page(ACME, MappingFilter(), "", 1)
    assert [each.suggestion_id for each in found] == [None]


def test_among_several_of_the_rate_the_name_decides(database: Database) -> None:
    """Of several tax codes with the rate the one called alike is suggested."""
    add_tax_code(database, "out", "15", code="output")

    found = service(database).page(ACME, MappingFilter(text="OUT"), "", 10)

    assert [(each.tax_type, each.suggestion_id) for each in found] == [("OUTPUT", "out")]


def test_other_rate_needs_confirmation(database: Database) -> None:
    """A tax code of another rate is mapped only when a person says so."""
    with pytest.raises(FailedPrecondition) as refusal:
        service(database).update(ACME, to("OUTPUT", "nil"))
    assert reasons(refusal.value) == [Reason.TAX_RATE_MISMATCH]
    assert " is 15 % and " in refusal.value.blockers[0].description

    mapping = service(database).update(ACME, to("OUTPUT", "nil", confirm=True))
    assert (mapping.state, mapping.tax_code_id) == (MappingState.MAPPED, "nil")


def test_one_tax_code_stands_for_one_tax_type(database: Database) -> None:
    """A tax code that another tax type has is refused."""
    add_tax_rate(database, "OTHER", "15", tax_code="gst")

    with pytest.raises(FailedPrecondition) as refusal:
        service(database).update(ACME, to("OUTPUT", "gst"))

    assert reasons(refusal.value) == [Reason.TAX_CODE_TAKEN]


def test_archived_tax_type_keeps_nobody_from_its_code(database: Database) -> None:
    """The successor of an archived tax type can take over its tax code."""
    add_tax_rate(database, "OLD", "15", tax_code="gst")
    database.execute("UPDATE tax_rates SET active = FALSE WHERE tax_type = 'OLD'")

    assert service(database).update(ACME, to("OUTPUT", "gst")).tax_code_id == "gst"


def test_two_tax_types_can_swap(database: Database) -> None:
    """A batch is judged by its outcome."""
    service(database).batch_update(ACME, [to("OUTPUT", "gst"), to("ZERO", "nil")])

    swapped = [to("OUTPUT", "nil", confirm=True), to("ZERO", "gst", confirm=True)]
    service(database).batch_update(ACME, swapped)

    assert standing(database) == [("MAPPED", "nil"), ("MAPPED", "gst")]


def test_batch_is_all_or_nothing(database: Database) -> None:
    """One decision that cannot be made undoes the others."""
    with pytest.raises(FailedPrecondition):
        service(database).batch_update(ACME, [to("OUTPUT", "gst"), to("ZERO", "gst")])

    assert standing(database) == [("UNMAPPED", None), ("UNMAPPED", None)]


@pytest.mark.parametrize("column", ["active", "applies_to_sales"])
def test_unusable_tax_type_cannot_be_mapped(database: Database, column: str) -> None:
    """What is archived or not for sales is not mapped."""
    database.execute(f"UPDATE tax_rates SET {column} = FALSE")

    with pytest.raises(FailedPrecondition) as refusal:
        service(database).update(ACME, to("OUTPUT", "gst"))

    assert reasons(refusal.value) == [Reason.MAPPING_NOT_APPLICABLE]


def test_settling_again_accepts_what_changed(database: Database) -> None:
    """Mapping a tax type under review to its own tax code again ends the review."""
    add_tax_rate(database, "OUTPUT", "15", tax_code="gst")
    database.execute(
        "UPDATE tax_rates SET state = 'NEEDS_REVIEW', review_reason = 'It changed.',"
        " rate = '12.5' WHERE tax_type = 'OUTPUT'"
    )

    mapping = service(database).update(ACME, to("OUTPUT", "gst", confirm=True))

    assert (mapping.state, mapping.review_reason) == (MappingState.MAPPED, "")
    assert mapping.rate == Decimal("12.5")


def test_clearing_opens_a_tax_type_again(database: Database) -> None:
    """With both fields named and empty a settled tax type is unmapped."""
    service(database).update(ACME, to("OUTPUT", "gst"))

    clear = TaxDecision(tax_type="OUTPUT", fields=frozenset({"tax_code", "not_used"}))
    assert service(database).update(ACME, clear).state is MappingState.UNMAPPED


def test_stale_etag_is_refused(database: Database) -> None:
    """A decision about an older version is refused."""
    (before, _) = service(database).page(ACME, MappingFilter(), "", 10)
    decision = to("OUTPUT", "gst", etag=of(before.version, KAURI.id))
    service(database).update(ACME, decision)

    with pytest.raises(Aborted):
        service(database).update(ACME, decision)


def test_decision_about_another_organisations_tax_type_is_stale(database: Database) -> None:
    """Tax types are called the same everywhere; what was read of one is not settled at another."""
    (there, _) = service(database).page(ACME, MappingFilter(), "", 10)
    decision = to("OUTPUT", "gst", etag=tax_mapping(there).etag)
    elsewhere = TaxMappings(database, noon, lambda _: RIMU, lambda _: None)
    database.execute("UPDATE tax_rates SET organisation_id = ?", (RIMU.id,))

    with pytest.raises(Aborted):
        elsewhere.update(ACME, decision)
    (here, _) = elsewhere.page(ACME, MappingFilter(), "", 10)
    assert elsewhere.update(ACME, to("OUTPUT", "gst", etag=tax_mapping(here).etag)).tax_code_id


@pytest.mark.parametrize("decision", [to("NONE", "gst"), to("OUTPUT", "none")])
def test_unknown_tax_type_or_code_is_not_found(database: Database, decision: TaxDecision) -> None:
    """What is not there cannot be mapped."""
    with pytest.raises(NotFound):
        service(database).update(ACME, decision)


def test_malformed_batch_is_refused_with_every_violation(database: Database) -> None:
    """A tax type named twice, and one with nothing to set, are told by their paths."""
    nothing = TaxDecision(tax_type="ZERO", fields=frozenset())

    with pytest.raises(InvalidArgument) as refusal:
        service(database).batch_update(ACME, [to("OUTPUT", "gst"), to("OUTPUT", "gst"), nothing])

    assert [each.field for each in refusal.value.violations] == [
        "requests[1].tax_mapping.name",
        "requests[2].tax_mapping",
    ]


def test_mappings_stay_visible_after_disconnecting(database: Database) -> None:
    """Without a connection the organisation that was synced last is shown."""
    running(database, "tax_rates")
    database.execute("UPDATE connections SET organisation_id = NULL")

    found = service(database).page(ACME, MappingFilter(), "", 10)

    assert [each.tax_type for each in found] == ["OUTPUT", "ZERO"]


def test_connection_that_never_was_has_no_mappings(database: Database) -> None:
    """A workspace without any organisation has an empty list."""
    assert service(database).page(Connection("other", "xero"), MappingFilter(), "", 10) == []

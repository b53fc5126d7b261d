from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from bookkeeping import add_tax_rate
from connect_bench import in_threads
from running import ACME, connect, nobody, noon, numbered_ids
from syncline_server.core.errors import Aborted, AlreadyExists, InvalidArgument, NotFound
from syncline_server.core.etags import of
from syncline_server.core.listing import RecordFilter
from syncline_server.core.tax_code_draft import TaxCodeDraft
from syncline_server.services.tax_codes import TaxCodes
from syncline_server.storage.database import Database

GST = TaxCodeDraft(workspace="acme", id="gst", code="GST", display_name="GST 15", rate="15")


def service(database: Database) -> TaxCodes:
    """Return the service."""
    return TaxCodes(database, noon, numbered_ids(), nobody)


def test_created_tax_code_is_as_it_was_written(database: Database) -> None:
    """A tax code comes back with its exact rate."""
    record = service(database).create(GST).record

    assert (record.code, record.rate, record.active) == ("GST", Decimal(15), True)


def test_everything_wrong_is_told_at_once(database: Database) -> None:
    """Missing code, name and an impossible rate are told together."""
    with pytest.raises(InvalidArgument) as refusal:
        service(database).create(TaxCodeDraft(workspace="acme", rate="100.1"))

    assert [each.field for each in refusal.value.violations] == [
        "tax_code.code",
        "tax_code.display_name",
        "tax_code.rate",
    ]


def test_taken_code_is_refused(database: Database) -> None:
    """A code is unique whatever its case, on creation and on change."""
    codes = service(database)
    codes.create(GST)
    other = TaxCodeDraft(workspace="acme", id="b", code="B", display_name="B", rate="0")
    codes.create(other)

    with pytest.raises(AlreadyExists):
        codes.create(TaxCodeDraft(workspace="acme", code="gst", display_name="x", rate="0"))
    with pytest.raises(AlreadyExists):
        codes.update(TaxCodeDraft(workspace="acme", id="b", code="gst"), {"code"})


def test_code_is_given_once_however_many_ask_for_it(database: Database) -> None:
    """Of many who give their tax code one code at the same moment one succeeds."""
    drafts = [replace(GST, id=f"gst{n}", code=f"GST{n}") for n in range(8)]
    for draft in drafts:
        service(database).create(draft)
    calls = [
        partial(service(database).update, replace(draft, code="ONE"), ["code"]) for draft in drafts
    ]

    outcomes = in_threads(*calls)

    assert sum(isinstance(each, AlreadyExists) for each in outcomes) == len(calls) - 1


def test_change_needs_the_current_etag(database: Database) -> None:
    """A stale etag is refused, a missing tax code is not there."""
    codes = service(database)
    etag = of(codes.create(GST).record.version)
    draft = TaxCodeDraft(workspace="acme", id="gst", rate="12.5", etag=etag)

    assert codes.update(draft, {"rate"}).record.rate == Decimal("12.5")
    with pytest.raises(Aborted):
        codes.update(draft, {"rate"})
    with pytest.raises(NotFound):
        codes.update(TaxCodeDraft(workspace="acme", id="no"), {"active"})


def test_mapping_is_told(database: Database) -> None:
    """A mapped tax code names its mapping in the connected organisation."""
    connect(database)
    codes = service(database)
    codes.create(GST)
    add_tax_rate(database, "OUTPUT2", tax_code="gst")

    (view,) = codes.page("acme", RecordFilter(text="15"), "", 10)

    assert view.mapped_to == f"{ACME}/taxMappings/OUTPUT2"

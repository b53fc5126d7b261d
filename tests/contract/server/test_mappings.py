from decimal import Decimal

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from syncline.v1 import mapping_pb2 as pb
from syncline.v1 import record_pb2, tax_code_pb2
from syncline_client import Aborted, Client, FailedPrecondition, InvalidArgument, NotFound
from syncline_sdk import Contact, Item
from syncline_server.core.model import MappingState
from syncline_server.core.organisations import Organisation
from syncline_server.storage import contacts, items, tax_rates
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.items import ItemRow
from syncline_server.storage.tax_rates import TaxRateRow
from wiring import ACME, ORGANISATION, Served

KAURI = Organisation(ACME.workspace, ACME.provider, ORGANISATION)
OUTPUT, ZERO = f"{ACME}/taxMappings/OUTPUT", f"{ACME}/taxMappings/ZERO"
GST, FREE = "workspaces/acme/taxCodes/gst", "workspaces/acme/taxCodes/free"


@pytest.fixture
def pulled(server: Served, client: Client) -> Client:
    """A client of a workspace with two tax types and two tax codes of the same rates."""
    wired = server.wired
    wired.connect()
    rows = [
        TaxRateRow(
            tax_type=tax_type,
            name=tax_type.title(),
            rate=Decimal(rate),
            active=True,
            applies_to_sales=True,
            content_hash="",
            state=MappingState.UNMAPPED,
        )
        for tax_type, rate in (("OUTPUT", "15"), ("ZERO", "0"))
    ]
    with wired.database.transaction():
        tax_rates.write(wired.database, KAURI, rows, wired.clock())
    for identifier, rate in (("gst", "15"), ("free", "0")):
        code = tax_code_pb2.TaxCode(code=identifier, display_name=identifier, rate=rate)
        request = record_pb2.CreateTaxCodeRequest(
            parent="workspaces/acme", tax_code=code, tax_code_id=identifier
        )
        client.records.CreateTaxCode(request)
    return client


def listed(client: Client, **more: object) -> list[pb.TaxMapping]:
    """List tax mappings."""
    request = pb.ListTaxMappingsRequest(parent=str(ACME), **more)  # type: ignore[arg-type]  # a test's own words
    return list(client.mappings.ListTaxMappings(request).tax_mappings)


def request(
    mapping: pb.TaxMapping, *paths: str, confirm: bool = False
) -> pb.UpdateTaxMappingRequest:
    """Return a request to settle one tax type."""
    mask = FieldMask(paths=paths)
    return pb.UpdateTaxMappingRequest(
        tax_mapping=mapping, update_mask=mask, confirm_rate_mismatch=confirm
    )


def update(
    client: Client, mapping: pb.TaxMapping, *paths: str, confirm: bool = False
) -> pb.TaxMapping:
    """Settle one tax type."""
    wanted = request(mapping, *paths, confirm=confirm)
    return client.mappings.UpdateTaxMapping(wanted).tax_mapping


def test_tax_types_are_listed_with_suggestions(pulled: Client) -> None:
    """Every tax type comes with its rate, and the free tax code of that rate as suggestion."""
    output, zero = listed(pulled)

    assert (output.name, output.tax_type, output.rate) == (OUTPUT, "OUTPUT", "15")
    assert output.state == pb.TaxMapping.STATE_UNMAPPED
    assert (output.suggestion, zero.suggestion) == (GST, FREE)
    assert listed(pulled, query="zer") == [zero]
    assert listed(pulled, states=["STATE_MAPPED"]) == []


def test_tax_type_is_mapped_ignored_and_opened_again(pulled: Client) -> None:
    """An empty mask sets what is given; a mask with both and nothing given opens it again."""
    mapped = update(pulled, pb.TaxMapping(name=OUTPUT, tax_code=GST))
    ignored = update(pulled, pb.TaxMapping(name=OUTPUT, not_used=True))
    opened = update(pulled, pb.TaxMapping(name=OUTPUT), "tax_code", "not_used")

    assert (mapped.state, mapped.tax_code) == (pb.TaxMapping.STATE_MAPPED, GST)
    assert (ignored.state, ignored.not_used, ignored.tax_code) == (
        pb.TaxMapping.STATE_NOT_USED,
        True,
        "",
    )
    assert opened.state == pb.TaxMapping.STATE_UNMAPPED


def test_other_rate_must_be_confirmed(pulled: Client) -> None:
    """Rates that differ are refused, and mapped when confirmed."""
    mapping = pb.TaxMapping(name=OUTPUT, tax_code=FREE)
    with pytest.raises(FailedPrecondition) as refusal:
        update(pulled, mapping)

    assert refusal.value.reason == "TAX_RATE_MISMATCH"
    assert update(pulled, mapping, confirm=True).tax_code == FREE


def test_stale_etag_is_refused(pulled: Client) -> None:
    """Settling on top of an older version is ABORTED."""
    etag = listed(pulled)[0].etag
    update(pulled, pb.TaxMapping(name=OUTPUT, not_used=True, etag=etag))

    with pytest.raises(Aborted) as refusal:
        update(pulled, pb.TaxMapping(name=OUTPUT, tax_code=GST, etag=etag))

    assert refusal.value.reason == "STALE_ETAG"


def test_several_are_settled_at_once(pulled: Client) -> None:
    """A batch is all or nothing, and answers in the order of its requests."""
    good = [
        request(pb.TaxMapping(name=ZERO, not_used=True)),
        request(pb.TaxMapping(name=OUTPUT, tax_code=GST)),
    ]
    batch = pb.BatchUpdateTaxMappingsRequest(parent=str(ACME), requests=good)
    with pytest.raises(NotFound):
        bad = pb.TaxMapping(name=OUTPUT, tax_code="workspaces/acme/taxCodes/none")
        pulled.mappings.BatchUpdateTaxMappings(
            pb.BatchUpdateTaxMappingsRequest(parent=str(ACME), requests=[good[0], request(bad)])
        )
    untouched = [each.state for each in listed(pulled)]

    answer = pulled.mappings.BatchUpdateTaxMappings(batch)

    assert untouched == [pb.TaxMapping.STATE_UNMAPPED] * 2
    assert [each.name for each in answer.tax_mappings] == [ZERO, OUTPUT]


def test_batch_stays_with_its_connection(pulled: Client) -> None:
    """Every mapping of a batch lies under its parent, and paths name the element."""
    elsewhere = pb.TaxMapping(name="workspaces/acme/connections/other/taxMappings/X", not_used=True)
    batch = pb.BatchUpdateTaxMappingsRequest(
        parent=str(ACME), requests=[request(elsewhere), request(elsewhere, "weather")]
    )

    with pytest.raises(InvalidArgument) as refusal:
        pulled.mappings.BatchUpdateTaxMappings(batch)

    assert [each.field for each in refusal.value.violations] == [
        "requests[0].tax_mapping.name",
        "requests[1].update_mask.paths[0]",
        "requests[1].tax_mapping.name",
    ]


def test_unknown_tax_type_is_not_found(pulled: Client) -> None:
    """A tax type the organisation has not is NOT_FOUND."""
    name = f"{ACME}/taxMappings/NONE"
    with pytest.raises(NotFound) as refusal:
        update(pulled, pb.TaxMapping(name=name, not_used=True))

    assert refusal.value.resource == name


def test_contacts_are_listed(server: Served, client: Client) -> None:
    """Contacts come with their customers, by contact id, in pages."""
    wired = server.wired
    wired.connect()
    rows = [
        ContactRow(Contact("c1", "Kauri", ("K",)), "", MappingState.MAPPED, "kauri"),
        ContactRow(
            Contact("c2", "Rimu"), "", MappingState.AMBIGUOUS, candidates=("rimu", "rimu-2")
        ),
    ]
    with wired.database.transaction():
        contacts.write(wired.database, KAURI, rows, wired.clock())

    first = client.mappings.ListContactMappings(
        pb.ListContactMappingsRequest(parent=str(ACME), page_size=1)
    )
    rest = client.mappings.ListContactMappings(
        pb.ListContactMappingsRequest(parent=str(ACME), page_token=first.next_page_token)
    )

    (kauri,), (rimu,) = first.contact_mappings, rest.contact_mappings
    assert (kauri.name, kauri.customer) == (
        f"{ACME}/contactMappings/c1",
        "workspaces/acme/customers/kauri",
    )
    assert rimu.state == pb.RECORD_MAPPING_STATE_AMBIGUOUS
    assert list(rimu.candidates) == [
        "workspaces/acme/customers/rimu",
        "workspaces/acme/customers/rimu-2",
    ]
    assert rest.next_page_token == ""


def test_items_are_listed(server: Served, client: Client) -> None:
    """Items come with their products; states and text narrow the list."""
    wired = server.wired
    wired.connect()
    rows = [
        ItemRow(Item("i1", "PIPE", "Pipe"), "", MappingState.MAPPED, "pipe"),
        ItemRow(Item("i2", "TUBE", "Tube"), "", MappingState.UNMAPPED),
    ]
    with wired.database.transaction():
        items.write(wired.database, KAURI, rows, wired.clock())

    mapped = client.mappings.ListItemMappings(
        pb.ListItemMappingsRequest(
            parent=str(ACME), states=[pb.RECORD_MAPPING_STATE_MAPPED], query="pip"
        )
    ).item_mappings

    assert [(each.item_code, each.product) for each in mapped] == [
        ("PIPE", "workspaces/acme/products/pipe")
    ]


def test_nothing_is_mapped_where_nothing_was_connected(client: Client) -> None:
    """Without an organisation the lists are empty."""
    assert listed(client) == []

from typing import Any

import pytest
from google.protobuf.message import Message

from syncline.v1 import integration_pb2, mapping_pb2, record_pb2, webhook_pb2
from syncline.v1.customer_pb2 import Customer
from syncline.v1.invoice_pb2 import Invoice, InvoiceLine
from syncline_server.core.errors import InvalidArgument
from syncline_server.rpc.validation import Unreadable, reading, refuse_unreadable, validate

HOME = "workspaces/acme"
CONNECTION = f"{HOME}/connections/xero"
SETTINGS = integration_pb2.Settings(name=f"{CONNECTION}/settings")


def told(request: Message) -> dict[str, str]:
    """Return what is wrong with a request, by field."""
    try:
        validate(request)
    except InvalidArgument as refusal:
        return {each.field: each.description for each in refusal.violations}
    return {}


def settings(**values: object) -> integration_pb2.Settings:
    """Return settings with these values."""
    made = integration_pb2.Settings(**values)  # type: ignore[arg-type]  # a test's own words
    made.MergeFrom(SETTINGS)
    return made


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        (
            record_pb2.ListCustomersRequest(parent="acme", page_size=-1, query="é" * 201),
            {
                "parent": "must be workspaces/{workspace}",
                "page_size": "must not be negative",
                "query": "must have at most 200 characters",
            },
        ),
        (
            record_pb2.ListInvoicesRequest(parent=HOME, states=[1, 0, 99]),
            {
                "states[1]": "must be one of STATE_DRAFT, STATE_CONFIRMED, STATE_VOID",
                "states[2]": "must be one of STATE_DRAFT, STATE_CONFIRMED, STATE_VOID",
            },
        ),
        (
            integration_pb2.StartConnectionRequest(parent=HOME, provider="x\0"),
            {
                "provider": "must not contain the character U+0000",
                "redirect_uri": "is required",
            },
        ),
        (
            integration_pb2.TriggerSyncRequest(
                connection=CONNECTION, module="contacts", request_id="17"
            ),
            {"request_id": "must be a UUID, such as uuidgen makes"},
        ),
        (
            integration_pb2.CompleteConnectionRequest(code="c", error="e"),
            {"state": "is required", "code": "only one of code, error can be set"},
        ),
        (
            integration_pb2.CompleteConnectionRequest(state="s"),
            {"code": "one of code, error must be set"},
        ),
        (
            integration_pb2.UpdateSettingsRequest(settings=settings(toggles={"t" * 101: True})),
            {
                f"settings.toggles.{'t' * 101}": "has a key that must have at most 100 characters",
            },
        ),
        (
            record_pb2.PreflightInvoicesRequest(connection=CONNECTION, invoices=["a", "a/b"]),
            {"invoices[1]": ("must be workspaces/{workspace}/invoices/{id} or a bare id")},
        ),
        (
            webhook_pb2.DeliverWebhookRequest(
                provider="xero", headers={f"h{number}": "" for number in range(21)}
            ),
            {"body": "is required", "headers": "must have at most 20 entries"},
        ),
        (
            record_pb2.CreateInvoiceRequest(
                parent=HOME,
                invoice_id="Not An Id",
                invoice=Invoice(
                    number="1",
                    customer=f"{HOME}/customers/c",
                    currency_code="eur",
                    line_amounts=99,  # type: ignore[arg-type]  # a value of tomorrow
                    lines=[InvoiceLine(quantity="many", unit_price="1")],
                ),
            ),
            {
                "invoice.currency_code": "must be an ISO 4217 code such as NZD",
                "invoice.invoice_date": "is required",
                "invoice.line_amounts": (
                    "must be one of LINE_AMOUNTS_EXCLUSIVE, LINE_AMOUNTS_INCLUSIVE, "
                    "LINE_AMOUNTS_NO_TAX"
                ),
                "invoice.lines[0].quantity": "must be a decimal number such as 12.50",
                "invoice_id": (
                    "must be 1 to 63 lower-case letters, digits and hyphens, "
                    "with a letter or digit at both ends"
                ),
            },
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Message) else "",
)
def test_every_violation_is_told_in_our_words(request_: Message, wanted: dict[str, str]) -> None:
    """All of a request's violations come at once: paths as on the wire, and what would be right."""
    assert told(request_) == wanted


def update(*mask: str) -> record_pb2.UpdateCustomerRequest:
    """Return an update of a customer whose name, e-mail address and notes are too long."""
    customer = Customer(
        name="n" * 301, email="e" * 256, notes="n" * 4_001, address={"city": "c" * 256}
    )
    return record_pb2.UpdateCustomerRequest(customer=customer, update_mask={"paths": mask})


@pytest.mark.parametrize(
    ("mask", "wanted"),
    [
        ((), {"name", "email", "notes", "address.city"}),
        (("*",), {"name", "email", "notes", "address.city"}),
        (("email",), {"name", "email"}),
        (("phone", "address"), {"name", "address.city"}),
    ],
)
def test_an_update_is_held_to_what_its_mask_names(mask: tuple[str, ...], wanted: set[str]) -> None:
    """What a mask leaves out is not read, so that whatever was read can be sent back."""
    assert set(told(update(*mask))) == {f"customer.{field}" for field in wanted}


def test_updates_in_a_batch_have_masks_of_their_own() -> None:
    """Each element of a batch is held to what its own mask names."""
    mapping = mapping_pb2.TaxMapping(name=f"{CONNECTION}/taxMappings/X", tax_code="odd")
    batch = mapping_pb2.BatchUpdateTaxMappingsRequest(
        parent=CONNECTION,
        requests=[
            {"tax_mapping": mapping, "update_mask": {"paths": ["not_used"]}},
            {"tax_mapping": mapping, "update_mask": {"paths": ["tax_code"]}},
        ],
    )
    assert set(told(batch)) == {"requests[1].tax_mapping.tax_code"}


def test_a_mask_has_a_limit() -> None:
    """Nobody sends a million paths to be told about each."""
    assert told(update(*["email"] * 101))["update_mask.paths"] == (
        "must have at most 100 paths, of 200 characters"
    )


@pytest.mark.parametrize(
    "request_",
    [
        record_pb2.ListInvoicesRequest(parent=HOME, states=[99] * 100_000),
        record_pb2.CreateInvoiceRequest(parent=HOME, invoice={"lines": [InvoiceLine()] * 50_000}),
        record_pb2.UpdateCustomerRequest(
            customer=Customer(notes="n" * 100_000, email="e" * 300),
            update_mask={"paths": ["notes", "email"]},
        ),
    ],
    ids=lambda request: type(request).__name__,
)
def test_of_a_huge_request_the_first_violation_is_told(request_: Message) -> None:
    """Nobody has the server make up a violation for each of a million elements."""
    assert len(told(request_)) == 1


@pytest.mark.parametrize(
    ("reference", "wanted"), [("r", set()), ("r" * 1_000, {"invoice.reference"})]
)
def test_a_huge_update_is_held_to_what_its_mask_names_too(reference: str, wanted: set[str]) -> None:
    """However much it leaves out that would be wrong."""
    invoice = Invoice(reference=reference, lines=[InvoiceLine(description="d" * 200)] * 300)
    request = record_pb2.UpdateInvoiceRequest(invoice=invoice, update_mask={"paths": ["reference"]})
    before = request.SerializeToString(deterministic=True)

    assert set(told(request)) == wanted
    assert request.SerializeToString(deterministic=True) == before


UPDATES = [
    getattr(module, name)
    for module in (record_pb2, mapping_pb2, integration_pb2)
    for name, found in module.DESCRIPTOR.message_types_by_name.items()
    if "update_mask" in found.fields_by_name
]


@pytest.mark.parametrize("update_", UPDATES, ids=lambda update: update.DESCRIPTOR.name)
def test_what_a_mask_leaves_out_breaks_no_rule_by_its_absence(update_: Any) -> None:
    """So an update is held to a copy without it."""
    request = update_()
    for field in request.DESCRIPTOR.fields:
        if field.message_type:
            getattr(request, field.name).SetInParent()

    assert told(request) == {}


def test_elements_of_an_import_are_judged_each_for_itself() -> None:
    """What is wrong with one keeps no other back, so the request is good."""
    batch = record_pb2.ImportCustomersRequest(parent=HOME, customers=[Customer(code="x" * 51)])
    assert told(batch) == {}


def test_bytes_that_are_no_request_are_refused_with_what_was_expected() -> None:
    """Deserialising never fails; what came of it does."""
    read = reading(record_pb2.GetCustomerRequest.FromString)
    request = read(b"\x0a\xff")
    assert isinstance(request, Unreadable)
    with pytest.raises(InvalidArgument) as refused:
        refuse_unreadable(request)
    (violation,) = refused.value.violations
    assert violation.field == "request"
    assert "syncline.v1.GetCustomerRequest" in violation.description
    refuse_unreadable(read(b""))

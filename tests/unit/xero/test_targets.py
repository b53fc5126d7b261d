import pytest

from syncline_sdk import RunStopped
from syncline_sdk.testing import FakeRunContext, Script, Step, answer
from xero_answers import contact, invoice, listed, module, run_context

MANY = tuple(f"contact-{number}" for number in range(100))


def targeted(name: str, *targets: str, steps: tuple[Step, ...]) -> tuple[FakeRunContext, Script]:
    """Return the context of a run that is told what to read."""
    script = Script(*steps)
    ctx = run_context(name, script)
    ctx.targets = targets
    return ctx, script


def test_only_the_named_contacts_are_read() -> None:
    """One call names them, archived ones too, in the shape that has everything."""
    ctx, script = targeted(
        "contacts", "contact-1", "contact-2", steps=(listed("Contacts", [contact(1), contact(2)]),)
    )

    module("contacts").run(ctx)

    (request,) = script.requests
    assert dict(request.url.params) == {
        "IDs": "contact-1,contact-2",
        "includeArchived": "true",
        "page": "1",
        "pageSize": "100",
    }
    assert "If-Modified-Since" not in request.headers
    assert [each.id for each in ctx.contacts.records] == ["contact-1", "contact-2"]
    assert (ctx.totals, ctx.reached) == ([2], None)


def test_forty_contacts_fit_into_one_call() -> None:
    """A hundred are three calls, and none is named twice."""
    pages = tuple(listed("Contacts", [contact(number)]) for number in range(3))
    ctx, script = targeted("contacts", *MANY, steps=pages)

    module("contacts").run(ctx)

    named = [request.url.params["IDs"].split(",") for request in script.requests]
    assert [len(ids) for ids in named] == [40, 40, 20]
    assert tuple(id_ for ids in named for id_ in ids) == MANY


def test_a_run_that_is_taken_up_again_goes_on_behind_its_last_batch() -> None:
    """What was stored is not read again."""
    steps = tuple(listed("Contacts", [contact(number)]) for number in range(4))
    ctx, script = targeted("contacts", *MANY, steps=steps)
    ctx.stop_at(3)  # the total, the first batch, then the second
    with pytest.raises(RunStopped):
        module("contacts").run(ctx)

    module("contacts").run(ctx.taken_up_again())

    first = [request.url.params["IDs"].partition(",")[0] for request in script.requests]
    assert first == ["contact-0", "contact-40", "contact-40", "contact-80"]


def test_contacts_xero_does_not_know_are_nothing() -> None:
    """An id of another organisation is left out by Xero, and here."""
    ctx, _ = targeted("contacts", "contact-1", steps=(listed("Contacts", []),))

    module("contacts").run(ctx)

    assert (ctx.contacts.records, ctx.issues) == ([], [])


def test_only_the_named_invoices_are_refreshed() -> None:
    """The host says which of them are linked; the watermark stays."""
    ctx, script = targeted(
        "invoice_pull",
        "invoice-OV-1",
        "invoice-OV-2",
        steps=(listed("Invoices", [invoice(InvoiceID="invoice-OV-1")]),),
    )
    ctx.linked_invoices.linked = ["invoice-OV-1"]

    module("invoice_pull").run(ctx)

    (request,) = script.requests
    assert request.url.params["IDs"] == "invoice-OV-1"
    assert [each.id for each in ctx.linked_invoices.records] == ["invoice-OV-1"]
    assert ctx.reached is None


def test_an_answer_that_is_cut_off_is_asked_for_again() -> None:
    """As in every read."""
    ctx, script = targeted(
        "contacts",
        "contact-1",
        steps=(answer(content=b'{"Contacts": ['), listed("Contacts", [contact(1)])),
    )

    module("contacts").run(ctx)

    assert len(script.requests) == 2
    assert len(ctx.contacts.records) == 1

import json
from decimal import Decimal

import pytest

from syncline_xero.replies import read_reply
from xero_answers import created, refused


def reply_to(*elements: object) -> bytes:
    """Return the body of a write reply."""
    return json.dumps({"Status": "OK", "Invoices": elements}).encode()


def test_each_element_has_its_own_verdict() -> None:
    """One refusal says nothing about its neighbours, and their order means nothing."""
    reply = read_reply(reply_to(refused("OV-2", "No.", "No."), created("OV-1")))

    assert {"OV-1": Decimal("42.55")} == {n: s.total for n, s in reply.created.items()}
    assert reply.refused == {"OV-2": ["No."]}


def test_a_warning_is_saved() -> None:
    """Warnings do not undo what was saved."""
    element = created() | {"StatusAttributeString": "WARNING", "Warnings": [{"Message": "Hm."}]}

    assert list(read_reply(reply_to(element)).created) == ["OV-1"]


@pytest.mark.parametrize(
    "mark",
    [
        {"StatusAttributeString": "ERROR"},
        {"HasErrors": True},
        {"HasValidationErrors": True},
        {"ValidationErrors": [{"Message": "No."}]},
    ],
)
def test_any_sign_of_failure_counts_even_beside_an_id(mark: dict[str, object]) -> None:
    """An id is no proof of success."""
    reply = read_reply(reply_to(created() | mark))

    assert (list(reply.created), list(reply.refused)) == ([], ["OV-1"])


@pytest.mark.parametrize(
    "element",
    [
        created(InvoiceID="00000000-0000-0000-0000-000000000000"),
        created(InvoiceID=None),
        created(InvoiceNumber=None),
        created(Total="much"),
        created(Date="/Date(x)/"),
        "nonsense",
        None,
    ],
)
def test_an_element_that_proves_nothing_gives_no_verdict(element: object) -> None:
    """What became of its invoice has to be read."""
    reply = read_reply(reply_to(element, created("OV-9")))

    assert (list(reply.created), list(reply.refused)) == (["OV-9"], [])


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b"{}", b'{"Invoices":null}'])
def test_an_unreadable_reply_gives_no_verdicts(body: bytes) -> None:
    """A success that cannot be read settles nothing."""
    reply = read_reply(body)

    assert (reply.created, reply.refused) == ({}, {})

from dataclasses import replace
from decimal import Decimal

import pytest

from syncline_sdk import Address, Contact, ContactDraft, Item, ItemDraft

KERR = ContactDraft(name="Kerr Ltd", code="K1", email="hi@kerr.example")
THEIRS = Contact("c1", "KERR  ltd", ("k1", "other"), "another@kerr.example")
MUG = ItemDraft(code="MUG", name="Mug", tax_type="GST", price=Decimal("1.50"))
ITEM = Item("i1", "mug", "Mug", "GST", None, Decimal("1.5"))


def test_a_code_and_a_name_make_a_contact_ours() -> None:
    """Whatever their case and spaces, and whatever else was changed since."""
    assert KERR.is_met_by(THEIRS)


@pytest.mark.parametrize(
    "other",
    [
        THEIRS._replace(name="Kerr & Co"),
        THEIRS._replace(codes=("K2", "K1")),
        THEIRS._replace(codes=()),
        THEIRS._replace(active=False),
    ],
    ids=["name", "code", "no code", "archived"],
)
def test_a_contact_that_differs_in_either_is_somebody_elses(other: Contact) -> None:
    """Also one that is archived: nobody archives what was created a moment ago."""
    assert not KERR.is_met_by(other)


def test_without_a_code_everything_must_agree() -> None:
    """The same name with another e-mail, phone, address or any code is somebody else's."""
    draft = replace(KERR, code="", phone="1", address=Address(("1 Quay",)))
    ours = Contact("c1", "Kerr Ltd", (), "hi@kerr.example", "1", Address(("1 Quay",)))

    assert draft.is_met_by(ours)
    for other in (
        ours._replace(email=""),
        ours._replace(phone="2"),
        ours._replace(address=None),
        ours._replace(codes=("K1",)),
    ):
        assert not draft.is_met_by(other)


def test_an_item_is_ours_when_it_is_as_it_was_sent() -> None:
    """What was not sent may be anything."""
    assert MUG.is_met_by(ITEM)
    assert ItemDraft(code="MUG", name="Mug").is_met_by(ITEM)
    for other in (
        ITEM._replace(code="MUG2"),
        ITEM._replace(name="Cup"),
        ITEM._replace(tax_type="NONE"),
        ITEM._replace(price=None),
    ):
        assert not MUG.is_met_by(other)

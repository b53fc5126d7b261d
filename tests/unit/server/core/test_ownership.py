from dataclasses import replace

import pytest

from running import ACME, CUSTOMER_FIELDS, KAURI, master
from syncline_sdk import RecordKind, Value
from syncline_server.core.errors import FailedPrecondition, Reason
from syncline_server.core.ownership import (
    Master,
    choices_behind,
    owned_fields,
    owned_under,
    reason,
    refuse_creation,
    refuse_owned,
)
from syncline_server.registry import load


@pytest.fixture
def xero() -> Master:
    """The provider that owns customers."""
    found = master(RecordKind.CONTACT, CUSTOMER_FIELDS)("acme", RecordKind.CONTACT)
    assert found
    return found


def test_mapped_record_has_the_masters_fields(xero: Master) -> None:
    """Fields are named as on the wire, where the record's name is its display name."""
    assert owned_fields(xero, {KAURI}) == (
        "active",
        "address",
        "code",
        "display_name",
        "email",
        "phone",
    )


def test_record_mapped_elsewhere_is_ours(xero: Master) -> None:
    """A mapping to another organisation gives nobody anything; neither does no master."""
    assert owned_fields(xero, {KAURI._replace(id="rata")}) == ()
    assert owned_fields(xero, set()) == ()
    assert owned_fields(None, {KAURI}) == ()


def test_every_owned_change_is_a_blocker(xero: Master) -> None:
    """A refusal names each owned field, as people call it too, and its owner, and no local one."""
    owned = ("code", "display_name", "email", "phone")
    with pytest.raises(FailedPrecondition) as refusal:
        refuse_owned(xero, owned, {"email", "code", "display_name", "notes"})

    assert [each.subject for each in refusal.value.blockers] == ["code", "display_name", "email"]
    assert [each.title for each in refusal.value.blockers] == ["code", "name", "e-mail"]
    assert {each.reason for each in refusal.value.blockers} == {Reason.FIELD_OWNED}
    assert refusal.value.metadata == {
        "subjects": "code,display_name,email",
        "owner": str(ACME),
    }


def test_local_changes_pass(xero: Master) -> None:
    """Changing what is ours is never refused."""
    refuse_owned(xero, ("code",), {"notes"})
    refuse_owned(None, (), {"code"})


def test_creation_is_refused_while_there_is_a_master(xero: Master) -> None:
    """New records are made by the provider while its sync is on."""
    with pytest.raises(FailedPrecondition, match="are created in Xero") as refusal:
        refuse_creation(xero, "customers")

    assert refusal.value.reason is Reason.RECORD_CREATED_IN_PROVIDER


SETTINGS: dict[str, Value] = {"phone_field": "MOBILE", "address_field": "NONE"}


def test_reason_is_a_sentence_a_person_understands(xero: Master) -> None:
    """It says what is on and what the record is mapped to."""
    assert reason(xero, "email") == (
        "Contacts is on, and this customer is mapped to a contact of Xero."
    )
    items = replace(xero, kind=RecordKind.ITEM, module_title="Sync Items")
    assert reason(items, "sku") == (
        "Sync Items is on, and this product is mapped to an item of Xero."
    )


def test_reason_names_the_choice_behind_a_field(xero: Master) -> None:
    """Whoever wants the field back sees what to choose otherwise."""
    chosen = replace(xero, choices={"phone": "Phone is MOBILE"})

    assert reason(chosen, "phone") == (
        "Contacts is on, Phone is MOBILE, and this customer is mapped to a contact of Xero."
    )
    assert "MOBILE" not in reason(chosen, "email")


@pytest.mark.parametrize(
    ("phone", "address", "ours"),
    [
        ("DEFAULT", "BILLING", set()),
        ("NONE", "DELIVERY", {"phone"}),
        ("MOBILE", "NONE", {"address"}),
    ],
)
def test_a_choice_leaves_a_field_to_us(phone: str, address: str, ours: set[str]) -> None:
    """What a module declares is the provider's but for what the settings leave to us."""
    contacts = load().providers["xero"].modules["contacts"]

    owned = owned_under(contacts, {"phone_field": phone, "address_field": address})

    assert owned == CUSTOMER_FIELDS - ours


def test_choices_are_found_by_what_other_choices_would_leave_to_us() -> None:
    """Of Xero's contacts phone and address depend on a choice, of its items the price."""
    modules = load().providers["xero"].modules

    assert choices_behind(modules["contacts"], SETTINGS) == {"phone": "Phone is Mobile"}
    both: dict[str, Value] = {**SETTINGS, "address_field": "DELIVERY"}
    assert choices_behind(modules["contacts"], both) == {
        "phone": "Phone is Mobile",
        "address": "Address is Delivery address",
    }
    assert choices_behind(modules["items"], {"base_price_sync": False}) == {}
    assert choices_behind(modules["items"], {"base_price_sync": True}) == {
        "default_price": "Base Price Sync is on"
    }

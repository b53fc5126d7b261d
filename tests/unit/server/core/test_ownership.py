import pytest

from running import ACME, CUSTOMER_FIELDS, KAURI, master
from syncline_sdk import RecordKind
from syncline_server.core.errors import FailedPrecondition, Reason
from syncline_server.core.ownership import (
    Master,
    owned_fields,
    refuse_creation,
    refuse_owned,
)


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
    """A refusal names each owned field and its owner, and no local one."""
    with pytest.raises(FailedPrecondition) as refusal:
        refuse_owned(xero, ("code", "email", "phone"), {"email", "code", "notes"})

    assert [each.subject for each in refusal.value.blockers] == ["code", "email"]
    assert {each.reason for each in refusal.value.blockers} == {Reason.FIELD_OWNED}
    assert refusal.value.metadata == {"subjects": "code,email", "owner": str(ACME)}


def test_local_changes_pass(xero: Master) -> None:
    """Changing what is ours is never refused."""
    refuse_owned(xero, ("code",), {"notes"})
    refuse_owned(None, (), {"code"})


def test_creation_is_refused_while_there_is_a_master(xero: Master) -> None:
    """New records are made by the provider while its sync is on."""
    with pytest.raises(FailedPrecondition, match="are created in Xero") as refusal:
        refuse_creation(xero, "customers")

    assert refusal.value.reason is Reason.RECORD_CREATED_IN_PROVIDER

from datetime import UTC, datetime

import pytest

from syncline_server.core.changes import Change, ChangeKind, History, Place, newest_of_each
from syncline_server.core.errors import FailedPrecondition, Reason
from syncline_server.core.organisations import Organisation

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
KAURI = Organisation("acme", "xero", "kauri")


def change(number: int, id_: str, kind: ChangeKind = ChangeKind.CUSTOMER) -> Change:
    """Return a change of a record of acme."""
    place = Place(kind=kind, workspace="acme")
    return Change(number=number, place=place, id=id_, time=NOON)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (
            Place(kind=ChangeKind.TAX_CODE, workspace="acme"),
            "workspaces/acme/taxCodes/a",
        ),
        (
            Place.at(ChangeKind.INVOICE_LINK, KAURI),
            "workspaces/acme/connections/xero/invoiceLinks/a",
        ),
        (
            Place(kind=ChangeKind.CONNECTION, workspace="acme", provider="xero"),
            "workspaces/acme/connections/xero",
        ),
    ],
    ids=["record", "link", "connection"],
)
def test_what_changed_is_called_as_everywhere(place: Place, name: str) -> None:
    """A change names its resource as the resource's own methods do."""
    assert place.name("a") == name


def test_only_the_newest_change_of_a_resource_is_told() -> None:
    """Of several changes the last one stays, at its place among the others."""
    found = [change(1, "a"), change(2, "b"), change(3, "a"), change(4, "a", ChangeKind.PRODUCT)]

    assert [each.number for each in newest_of_each(found)] == [2, 3, 4]


@pytest.mark.parametrize("after", [5, 7, 9])
def test_kept_history_can_be_resumed(after: int) -> None:
    """Behind the last forgotten change, up to the newest one, nothing is missed."""
    History(last=9, forgotten=5).refuse_lost(after)


@pytest.mark.parametrize("after", [4, 10], ids=["forgotten", "from another database"])
def test_lost_history_is_refused(after: int) -> None:
    """Where changes would be missed, that is said, with what to do."""
    with pytest.raises(FailedPrecondition) as refusal:
        History(last=9, forgotten=5).refuse_lost(after)

    (blocker,) = refusal.value.blockers
    assert (blocker.reason, blocker.subject) == (Reason.CHANGE_TOKEN_EXPIRED, "resume_token")

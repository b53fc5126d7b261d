import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline_sdk import RecordKind
from syncline_sdk.testing import check_webhooks
from syncline_xero.webhooks import SIGNATURE_HEADER, read, verify, xero_webhooks

KEY = "orderverse-demo-webhook-key-0001"
CHECK = (
    b'{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, "entropy":'
    b' "ORDERVERSEENTROPY001"}'
)
SIGNATURE = "WToB6vZqaHTGs2VDExi6hivRtuTqbCHHOVAjJfhy+a4="
TENANT = "c4b7f5a0-0000-4000-8000-000000000001"
RECORD = "7c1a55f0-0000-4000-8000-00000000000a"


def event(**members: object) -> dict[str, object]:
    """Return an event as Xero sends it."""
    return {
        "resourceUrl": f"https://api.xero.com/api.xro/2.0/Contacts/{RECORD}",
        "resourceId": RECORD,
        "tenantId": TENANT,
        "tenantType": "ORGANISATION",
        "eventCategory": "CONTACT",
        "eventType": "UPDATE",
        "eventDateUtc": "2026-10-01T02:15:39.902",
    } | members


def body(*events: object, first: int = 41, **members: object) -> bytes:
    """Return a body with these events."""
    numbers = {"firstEventSequence": first, "lastEventSequence": first + len(events) - 1}
    return json.dumps({"events": events, **numbers, "entropy": "X", **members}).encode()


def test_the_signature_is_over_the_bytes_as_they_came() -> None:
    """The odd spacing of Xero's check is signed, too; the same JSON written otherwise is not."""
    headers = {SIGNATURE_HEADER: SIGNATURE}

    assert verify(KEY, headers, CHECK)
    assert not verify(KEY, headers, json.dumps(json.loads(CHECK)).encode())


@pytest.mark.parametrize(
    "given_",
    [
        "",
        "XToB6vZqaHTGs2VDExi6hivRtuTqbCHHOVAjJfhy+a4=",
        SIGNATURE[:-1],
        f" {SIGNATURE}",
        "ünïcode",
    ],
)
def test_one_wrong_character_is_refused(given_: str) -> None:
    """The check of intent to receive sends just that."""
    assert not verify(KEY, {SIGNATURE_HEADER: given_}, CHECK)


def test_another_key_or_no_signature_is_refused() -> None:
    """Only the key's own text signs."""
    assert not verify(KEY + "x", {SIGNATURE_HEADER: SIGNATURE}, CHECK)
    assert not verify(KEY, {}, CHECK)


def test_the_plugin_keeps_what_the_sdk_asks_for() -> None:
    """The kit's own checks pass."""
    check_webhooks(xero_webhooks(), KEY, {SIGNATURE_HEADER: SIGNATURE}, CHECK)


def test_an_event_names_organisation_record_and_time() -> None:
    """What a run needs is taken, what tells repeats apart is the key."""
    (found,) = read(body(event()))

    assert (found.organisation_id, found.record_id) == (TENANT, RECORD)
    assert found.kind is RecordKind.CONTACT
    assert found.event_time == datetime(2026, 10, 1, 2, 15, 39, 902000, UTC)
    assert found.key == "UPDATE/2026-10-01T02:15:39.902/41"


def test_a_check_has_no_events() -> None:
    """Its body is read like any other."""
    assert read(CHECK) == []


@pytest.mark.parametrize(
    "category", ["CREDITNOTE", "PREPAYMENT", "OVERPAYMENT", "SUBSCRIPTION", "TOMORROW"]
)
def test_other_categories_are_nothing_we_sync(category: str) -> None:
    """They are read, so that they are counted, and have no kind."""
    found = read(body(event(eventCategory=category), event(eventCategory="INVOICE")))

    assert [each.kind for each in found] == [None, RecordKind.INVOICE]


def test_unknown_members_change_nothing() -> None:
    """Xero may add members anywhere."""
    plain = read(body(event()))

    assert read(body(event(shape={"a": [1]}), extra=None)) == plain


@pytest.mark.parametrize(
    "members",
    [
        {"resourceId": "../Contacts"},
        {"resourceId": None},
        {"tenantId": 7},
        {"eventDateUtc": "soon"},
        {"resourceId": ""},
    ],
)
def test_what_has_no_place_or_time_is_left_out(members: dict[str, object]) -> None:
    """An event of a shape we do not know takes no other with it."""
    assert len(read(body(event(**members), event()))) == 1


def test_two_changes_within_a_millisecond_are_two() -> None:
    """Their numbers differ; where numbers and events do not fit, the time alone tells."""
    numbered = read(body(event(), event()))
    odd = read(body(event(), event(), lastEventSequence=99))

    assert len({each.key for each in numbered}) == 2
    assert len({each.key for each in odd}) == 1


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    """Nothing but a ValueError ever comes out."""
    with contextlib.suppress(ValueError):
        read(noise)

"""Idempotency-Key."""

import threading

import httpx
import pytest

from simulator_driver import NOON, SimulatorDriver
from syncline_xero_simulator.idempotency import (
    Answer,
    IdempotencyKeys,
    KeyBusyError,
    KeyMismatchError,
)
from syncline_xero_simulator.switches import ConcurrentKey

_ANSWER = Answer(status=200, body="{}", content_type="application/json")


def _put(driver: SimulatorDriver, key: str, name: str = "Kauri") -> httpx.Response:
    return driver.call("PUT", "Contacts", {"Name": name}, {"Idempotency-Key": key})


def _count(driver: SimulatorDriver) -> int:
    return len(driver.get("Contacts", where='Name=="Kauri"')["Contacts"])


def test_the_same_request_is_answered_again_not_done_again(xero: SimulatorDriver) -> None:
    """A replay repeats the body, counts against the limits, and says nothing of itself."""
    first, second = _put(xero, "k"), _put(xero, "k")

    assert first.text == second.text
    assert _count(xero) == 1
    left = [int(answer.headers["X-MinLimit-Remaining"]) for answer in (first, second)]
    assert left[0] - left[1] == 1
    assert "Idempotent-Replayed" not in second.headers


def test_a_replay_may_say_so(xero: SimulatorDriver) -> None:
    """With the switch a header tells."""
    xero.switch(idempotency_replay_header=True)
    _put(xero, "k")

    assert _put(xero, "k").headers["Idempotent-Replayed"] == "true"


def test_a_key_is_forgotten_after_six_minutes(xero: SimulatorDriver) -> None:
    """Later the same key is a new request, which here collides with the first."""
    _put(xero, "k")
    xero.clock.advance(361)

    assert _put(xero, "k").status_code == 400


def test_a_key_for_another_request_is_refused(xero: SimulatorDriver) -> None:
    """Another body is told that the key is taken; a key that is too long too."""
    _put(xero, "k")
    other = _put(xero, "k", "Rimu")

    assert other.status_code == 400
    assert "is used with a different request" in other.json()["Message"]
    assert _put(xero, "k" * 129, "Rimu").status_code == 400


def test_validation_errors_are_remembered_or_not(xero: SimulatorDriver) -> None:
    """A replayed 400 stays one although the reason is gone; the switch forgets it."""
    _put(xero, "a")
    refused = _put(xero, "b")
    xero.control_organisation("POST", "contacts/Kauri", {"Name": "Rimu"})
    replayed = _put(xero, "b")
    xero.switch(idempotency_caches_validation=False)
    _put(xero, "c", "a > b")

    assert (400, refused.text) == (replayed.status_code, replayed.text)
    assert _put(xero, "c", "Totara").status_code == 200


def test_reads_ignore_keys(xero: SimulatorDriver) -> None:
    """A key on a GET means nothing."""
    headers = {"Idempotency-Key": "k"}
    before = xero.call("GET", "Contacts", headers=headers).json()
    _put(xero, "other")
    after = xero.call("GET", "Contacts", headers=headers).json()

    assert len(before["Contacts"]) + 1 == len(after["Contacts"])


@pytest.mark.parametrize(("included", "status"), [(True, 400), (False, 200)])
def test_the_tenant_may_be_part_of_the_request(
    fresh: SimulatorDriver,
    included: bool,  # noqa: FBT001 - a parameter of the table
    status: int,
) -> None:
    """The same key and body at another organisation are a mismatch, or a replay."""
    fresh.switch(idempotency_includes_tenant=included)
    fresh.connect("Harbour Goods Ltd", "Southern Cross")
    _put(fresh, "k")
    fresh.tenant_id = fresh.connections()[1]["tenantId"]

    assert status == _put(fresh, "k").status_code


class Watched(threading.Condition):
    """A condition that tells when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.is_awaited = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait, the lock held until it is begun."""
        self.is_awaited.set()
        return super().wait(timeout)


def test_a_second_call_waits_for_the_first() -> None:
    """A simultaneous call gets the first one's answer once it is there."""
    keys = IdempotencyKeys()
    keys._changed = changed = Watched()
    keys.begin("k", "print", NOON, ConcurrentKey.WAIT)
    seen: list[Answer | None] = []

    def second() -> None:
        seen.append(keys.begin("k", "print", NOON, ConcurrentKey.WAIT))

    thread = threading.Thread(target=second)
    thread.start()
    assert changed.is_awaited.wait(60)
    keys.finish("k", _ANSWER)
    thread.join(60)

    assert seen == [_ANSWER]


def test_a_second_call_may_be_refused() -> None:
    """With the switch it does not wait; another request's print never fits."""
    keys = IdempotencyKeys()
    keys.begin("k", "print", NOON, ConcurrentKey.REFUSE)

    with pytest.raises(KeyBusyError):
        keys.begin("k", "print", NOON, ConcurrentKey.REFUSE)
    with pytest.raises(KeyMismatchError):
        keys.begin("k", "other", NOON, ConcurrentKey.REFUSE)


def test_a_key_whose_call_broke_is_free_again() -> None:
    """Nothing is remembered of a call without an answer."""
    keys = IdempotencyKeys()
    keys.begin("k", "print", NOON, ConcurrentKey.REFUSE)
    keys.finish("k", None)

    assert keys.begin("k", "other", NOON, ConcurrentKey.REFUSE) is None

from dataclasses import replace
from datetime import timedelta

import pytest
from google.protobuf.message import Message

from syncline.v1 import integration_pb2, record_pb2
from syncline_server.core.access import Identity, Role
from syncline_server.core.allowance import Allowance
from syncline_server.core.errors import Reason, ResourceExhausted, Unauthenticated
from syncline_server.rpc.identity import LOCAL, Arrival
from syncline_server.rpc.throttling import (
    Buckets,
    CallRate,
    allowance,
    place_of,
    slowing_guesses,
    weight,
)

SERVICE = "/syncline.v1.RecordService"
GET = integration_pb2.GetConnectionRequest()
CALLER = Identity(subject="one", title="One", roles={"acme": Role.ADMIN})
PEER = "ipv4:198.51.100.7:40000"


class Ticking:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the seconds so far."""
        return self.now


@pytest.fixture
def ticking() -> Ticking:
    """What buckets are filled by."""
    return Ticking()


@pytest.fixture
def buckets(ticking: Ticking) -> Buckets:
    """Two at once, then one a second; three keys are kept."""
    return Buckets(Allowance(per_minute=60, burst=2), ticking, most=3)


class Door:
    """Knows one token, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, arrived: Arrival) -> Identity:
        """Return whose token it is."""
        self.asked += 1
        if ("authorization", "Bearer good") in arrived.metadata:
            return CALLER
        raise Unauthenticated(Reason.CREDENTIALS_INVALID, "no")


@pytest.fixture
def door() -> Door:
    """What looks credentials up."""
    return Door()


def arrival(token: str, peer: str = PEER) -> Arrival:
    """Return a call that brings a token."""
    return Arrival(metadata=(("authorization", f"Bearer {token}"),), peer=peer)


def test_keys_have_buckets_of_their_own(buckets: Buckets) -> None:
    """What one uses up, another still has."""
    assert [buckets.take("a") for _ in range(3)] == [0, 0, pytest.approx(1)]
    assert buckets.take("b") == 0


def test_refused_cost_is_not_paid(buckets: Buckets, ticking: Ticking) -> None:
    """Whoever goes on asking does not wait the longer for it."""
    buckets.take("a", 2)
    for _ in range(5):
        buckets.take("a")
    ticking.now += 1

    assert buckets.take("a") == 0


def test_looking_pays_nothing(buckets: Buckets) -> None:
    """A look tells the time left and changes nothing."""
    assert [buckets.wait("a"), buckets.wait("a"), buckets.wait("a")] == [0, 0, 0]
    buckets.take("a", 2)
    assert buckets.wait("a") == pytest.approx(1)


def test_buckets_are_bounded(buckets: Buckets) -> None:
    """Any number of keys takes the memory of a few; the least used are forgotten first."""
    for key in ("a", "b", "c", "a", "d"):
        buckets.take(key)

    assert len(buckets) == 3
    assert buckets.wait("a") > 0
    assert buckets.wait("b") == 0


def test_caller_is_told_when_to_come_back(buckets: Buckets) -> None:
    """The refusal has a stable reason and the time left."""
    rate = CallRate(buckets)
    rate(CALLER, f"{SERVICE}/GetConnection", GET)
    rate(CALLER, f"{SERVICE}/GetConnection", GET)

    with pytest.raises(ResourceExhausted) as refusal:
        rate(CALLER, f"{SERVICE}/GetConnection", GET)

    assert refusal.value.reason is Reason.RATE_LIMITED
    assert refusal.value.retry_after == timedelta(seconds=1)


def test_callers_do_not_share(buckets: Buckets) -> None:
    """One caller's calls leave the other's alone."""
    rate = CallRate(buckets)
    for caller in (CALLER, replace(CALLER, subject="two")) * 2:
        rate(caller, f"{SERVICE}/GetConnection", GET)


def test_owner_of_the_machine_is_not_limited(buckets: Buckets) -> None:
    """Where nobody is asked for credentials there is nobody to protect from the others."""
    rate = CallRate(buckets)
    for _ in range(100):
        rate(LOCAL, f"{SERVICE}/GetConnection", GET)


@pytest.mark.parametrize(
    ("method", "request_", "expected"),
    [
        ("GetConnection", GET, 1),
        ("ListInvoices", record_pb2.ListInvoicesRequest(), 1),
        ("ListInvoices", record_pb2.ListInvoicesRequest(page_size=199), 1),
        ("ListInvoices", record_pb2.ListInvoicesRequest(page_size=1000), 10),
        ("ListInvoices", record_pb2.ListInvoicesRequest(page_size=2**31 - 1), 10),
        ("ListInvoices", record_pb2.ListInvoicesRequest(page_size=-1), 1),
        ("TriggerSync", integration_pb2.TriggerSyncRequest(), 1),
        ("TriggerSync", integration_pb2.TriggerSyncRequest(validate_only=True), 10),
        ("CheckParity", integration_pb2.CheckParityRequest(), 10),
        ("ImportCustomers", record_pb2.ImportCustomersRequest(), 10),
        ("PreflightInvoices", record_pb2.PreflightInvoicesRequest(), 10),
    ],
)
def test_heavy_calls_count_more(method: str, request_: Message, expected: int) -> None:
    """Plans, checks, imports and long pages count for up to ten."""
    assert weight(f"{SERVICE}/{method}", request_) == expected


@pytest.mark.parametrize(("per_minute", "burst"), [(6000, 1500), (1, 20)])
def test_a_quarter_of_a_minute_may_come_at_once(per_minute: int, burst: int) -> None:
    """A page that loads makes many calls at once; the heaviest call always fits."""
    assert allowance(per_minute) == Allowance(per_minute=per_minute, burst=burst)


def test_guessing_stops_being_looked_up(buckets: Buckets, door: Door, ticking: Ticking) -> None:
    """After a few bad tokens an address is refused and nobody asked, until time has passed."""
    authenticate = slowing_guesses(door, buckets)
    for guess in ("a", "b"):
        with pytest.raises(Unauthenticated):
            authenticate(arrival(guess))
    for guess in ("c", "d", "good"):
        with pytest.raises(ResourceExhausted) as refusal:
            authenticate(arrival(guess))
    assert (door.asked, refusal.value.reason) == (2, Reason.RATE_LIMITED)
    ticking.now += 1

    assert authenticate(arrival("good")) == CALLER


def test_port_makes_no_other_address(buckets: Buckets, door: Door) -> None:
    """A new connection does not start anew."""
    authenticate = slowing_guesses(door, buckets)
    for port in (1, 2):
        with pytest.raises(Unauthenticated):
            authenticate(arrival("a", f"ipv4:198.51.100.7:{port}"))
    with pytest.raises(ResourceExhausted):
        authenticate(arrival("a", "ipv4:198.51.100.7:3"))
    with pytest.raises(Unauthenticated):
        authenticate(arrival("a", "ipv4:198.51.100.8:3"))


def test_known_caller_goes_on_behind_the_same_address(buckets: Buckets, door: Door) -> None:
    """Behind a proxy everybody has one address: who was let in before is still asked for."""
    authenticate = slowing_guesses(door, buckets)
    authenticate(arrival("good"))
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            authenticate(arrival("bad"))

    assert authenticate(arrival("good")) == CALLER
    assert door.asked == 4


def test_token_that_is_good_no_more_is_a_guess_like_others(buckets: Buckets) -> None:
    """Being known lasts as long as the credentials do."""
    known = {"good"}

    def door(arrived: Arrival) -> Identity:
        if str(arrived.metadata[0][1]).removeprefix("Bearer ") in known:
            return CALLER
        raise Unauthenticated(Reason.CREDENTIALS_INVALID, "no")

    authenticate = slowing_guesses(door, buckets)
    authenticate(arrival("good"))
    known.clear()
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            authenticate(arrival("good"))

    with pytest.raises(ResourceExhausted):
        authenticate(arrival("good"))


@pytest.mark.parametrize(
    ("peer", "place"),
    [
        ("ipv4:198.51.100.7:40000", "198.51.100.7"),
        ("ipv6:%5B2001:db8:1:2:3::4%5D:40000", "2001:db8:1:2::/64"),
        ("ipv6:[2001:db8:1:2:ffff::4]:40000", "2001:db8:1:2::/64"),
        ("ipv6:%5Bfe80::1%25eth0%5D:40000", "fe80::/64"),
        ("ipv6:odd:1", "odd"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_place_is_what_a_subscriber_cannot_choose(peer: str, place: str) -> None:
    """Ports, and the half of an IPv6 address that is anybody's own to fill, do not count."""
    assert place_of(peer) == place

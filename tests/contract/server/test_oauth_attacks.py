"""Known attacks on an OAuth client, against the simulator; ``docs/security.md`` lists them all."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from connect_bench import CALLER, grants_stored, in_threads
from simulator_driver import REDIRECT, SimulatorDriver, redirect_parameters
from syncline_server.core.errors import FailedPrecondition, Reason, Refusal, Unavailable
from syncline_server.core.model import ConnectionRow, ConnectionState
from syncline_server.core.names import Connection
from syncline_server.services.consents import Return, Started
from syncline_server.storage.database import Database
from syncline_xero_simulator import SigningKey
from syncline_xero_simulator.faults import FaultKind
from xero_bench import ACME, GLOBEX, HARBOUR, JACK, REGISTRATION, SOUTHERN, XeroBench

MINE, THEIRS = "m" * 43, "t" * 43


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    """Make a key once: it is the only slow part of a simulator."""
    return SigningKey.generate()


@pytest.fixture
def bench(database: Database, signing_key: SigningKey) -> Iterator[XeroBench]:
    """A server and a Xero that know each other."""
    driver = SimulatorDriver(signing_key)
    yield XeroBench(database, driver, REGISTRATION)
    driver.http.close()


def start(bench: XeroBench, key: Connection = ACME, browser: str = "") -> Started:
    """Begin connecting."""
    return bench.connections.start(key.workspace, key.provider, REDIRECT, CALLER, browser)


def approve(bench: XeroBench, url: str, *organisations: str, user: str = "") -> str:
    """Approve at Xero what an address asks for; return the code."""
    body = {"authorize_url": url, "organisations": list(organisations or [HARBOUR]), "user": user}
    location = bench.driver.control("POST", "consent", body)["location"]
    return redirect_parameters(location)["code"]


def complete(bench: XeroBench, state: str, code: str, browser: str = "") -> ConnectionRow:
    """Hand over what came back."""
    return bench.connections.complete(Return(state=state, browser=browser), code, "", CALLER)


def reason_of(call: Callable[[], object]) -> Reason:
    """Return why a call is refused."""
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.reason


def test_approval_of_somebody_elses_start_is_not_taken(bench: XeroBench) -> None:
    """Who is lured to approve a consent that another began gives that one nothing."""
    attackers = start(bench, ACME, THEIRS)

    code = approve(bench, attackers.url, SOUTHERN, user=JACK)

    for browser in ("", MINE):
        attempt = partial(complete, bench, attackers.state, code, browser)
        assert reason_of(attempt) is Reason.STATE_UNKNOWN
    assert bench.calls("/connect/token") == 0
    assert bench.row(ACME) == ConnectionRow(key=ACME)


def test_somebody_elses_approval_is_not_taken(bench: XeroBench) -> None:
    """Who is lured to an attacker's way back does not get the attacker's books."""
    mine, attackers = start(bench, ACME, MINE), start(bench, ACME, THEIRS)
    code = approve(bench, attackers.url, SOUTHERN, user=JACK)

    assert reason_of(lambda: complete(bench, attackers.state, code, MINE)) is Reason.STATE_UNKNOWN

    own = approve(bench, mine.url, HARBOUR)
    assert complete(bench, mine.state, own, MINE).organisation_name == HARBOUR


def test_code_of_another_consent_buys_nothing(bench: XeroBench) -> None:
    """A code that is put in place of another does not fit the verifier, though nobody used it."""
    mine, attackers = start(bench), start(bench)
    code = approve(bench, attackers.url, SOUTHERN, user=JACK)

    assert reason_of(lambda: complete(bench, mine.state, code)) is Reason.CONSENT_FAILED

    assert bench.row(ACME).state is ConnectionState.NOT_CONNECTED
    assert grants_stored(bench.database) == 0


def test_code_whose_exchange_was_lost_is_not_tried_again(bench: XeroBench) -> None:
    """Neither its state nor its code is good for anything, and a new consent connects."""
    first = start(bench)
    code = approve(bench, first.url)
    bench.fault(FaultKind.DROP_AFTER, "/connect/token")

    with pytest.raises(Unavailable):
        complete(bench, first.state, code)

    assert reason_of(lambda: complete(bench, first.state, code)) is Reason.STATE_USED
    second = start(bench)
    assert reason_of(lambda: complete(bench, second.state, code)) is Reason.CONSENT_FAILED
    assert grants_stored(bench.database) == 0
    assert bench.approve(ACME, HARBOUR).state is ConnectionState.CONNECTED


def test_approval_of_less_is_not_taken(bench: XeroBench) -> None:
    """Who takes a scope out of the address approves what nobody can work with."""
    started = start(bench)
    assert "accounting.contacts+" in started.url
    code = approve(bench, started.url.replace("accounting.contacts+", ""))

    assert reason_of(lambda: complete(bench, started.state, code)) is Reason.CONSENT_FAILED

    assert grants_stored(bench.database) == 0


def test_organisation_stays_whose_it_is_until_it_is_given_up(bench: XeroBench) -> None:
    """Losing access frees nothing; disconnecting does, and then reconnecting takes nothing back."""
    row = bench.approve(ACME, HARBOUR)
    bench.connections.mark_reconnect_required(ACME, row.generation, "lost")
    taken = Reason.ORGANISATION_TAKEN

    assert reason_of(lambda: bench.approve(GLOBEX, HARBOUR, user=JACK)) is taken

    bench.connections.disconnect(ACME)
    assert bench.approve(GLOBEX, HARBOUR, user=JACK).organisation_name == HARBOUR
    assert reason_of(lambda: bench.approve(ACME, HARBOUR)) is taken


def test_organisation_is_claimed_by_one_of_two_processes(
    database: Database, signing_key: SigningKey
) -> None:
    """Of two servers that complete at once, for two workspaces, one connects; the other is told."""
    driver = SimulatorDriver(signing_key)
    benches = [XeroBench(database, driver, REGISTRATION) for _ in range(2)]
    benches[1].randomness(32)  # so that they do not make the same states

    outcomes = in_threads(
        lambda: benches[0].approve(ACME, HARBOUR),
        lambda: benches[1].approve(GLOBEX, HARBOUR, user=JACK),
    )

    (won,) = [each for each in outcomes if isinstance(each, ConnectionRow)]
    (lost,) = [each for each in outcomes if isinstance(each, FailedPrecondition)]
    assert (won.organisation_name, lost.reason) == (HARBOUR, Reason.ORGANISATION_TAKEN)
    driver.http.close()


def test_another_person_may_connect_the_same_organisation_again(bench: XeroBench) -> None:
    """The new person's access takes the place of the old one's, which is not kept."""
    first = bench.approve(ACME, HARBOUR)

    again = bench.approve(ACME, HARBOUR, user=JACK)

    assert again.organisation_id == first.organisation_id
    assert again.grant_id != first.grant_id
    assert grants_stored(bench.database) == 1
    with bench.client(ACME) as http:
        assert http.get("Organisation").json()["Organisations"][0]["Name"] == HARBOUR


@pytest.mark.parametrize("path", ["", "/connections"])
def test_refused_approval_takes_no_access_away(bench: XeroBench, path: str) -> None:
    """Where a new approval ends a person's earlier tokens, another workspace goes on by the new."""
    bench.approve(ACME, HARBOUR)
    bench.driver.switch(new_consent_retires_tokens=True)
    if path:
        bench.fault(FaultKind.UNAVAILABLE, path, count=9)

    with pytest.raises(Refusal):
        bench.approve(GLOBEX, HARBOUR)

    bench.clock.advance(seconds=7200)
    with bench.client(ACME) as http:
        assert http.get("Organisation").status_code == 200


def test_candidates_are_a_workspaces_own(bench: XeroBench) -> None:
    """What one workspace may choose from another cannot choose, with candidates or without."""
    theirs = bench.approve(GLOBEX, HARBOUR, SOUTHERN, user=JACK).candidates[0].id
    select = bench.connections.select

    assert reason_of(lambda: select(ACME, theirs, CALLER)) is Reason.SELECTION_EXPIRED
    assert bench.row(GLOBEX).candidates


def test_any_admin_of_the_workspace_may_choose(bench: XeroBench) -> None:
    """The choice is the workspace's, not the one's who approved; the log names who made it."""
    row = bench.approve(ACME, HARBOUR, SOUTHERN)

    chosen = bench.connections.select(ACME, row.candidates[0].id, "another admin")

    assert chosen.state is ConnectionState.CONNECTED


def test_run_of_one_workspace_reaches_no_other_organisation(bench: XeroBench) -> None:
    """A module that names another organisation of the same person is answered about its own."""
    bench.approve(ACME, HARBOUR)
    others = bench.approve(GLOBEX, SOUTHERN).organisation_id
    assert bench.row(ACME).grant_id == bench.row(GLOBEX).grant_id

    with bench.client(ACME) as http:
        answer = http.get("Organisation", headers={"Xero-Tenant-Id": others})

    assert answer.json()["Organisations"][0]["Name"] == HARBOUR

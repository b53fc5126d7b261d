"""Connecting to Xero as the plugin describes it, against the simulator: all but a socket."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connect_bench import CALLER
from simulator_driver import CLIENT, REDIRECT, SimulatorDriver, redirect_parameters
from syncline_sdk import AccessLost, RetryLater
from syncline_server.core.errors import FailedPrecondition, Reason, Refusal, Unavailable
from syncline_server.core.model import ConnectionRow, ConnectionState
from syncline_server.oauth.errors import GrantDead
from syncline_server.oauth.registration import Registration
from syncline_server.services.consents import Return
from syncline_server.storage.database import Database
from syncline_xero_simulator import SigningKey
from syncline_xero_simulator.faults import FaultKind
from xero_bench import ACME, GLOBEX, HARBOUR, JACK, REGISTRATION, SOUTHERN, XeroBench


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


def reason_of(call: object) -> Reason:
    """Return why a call is refused."""
    with pytest.raises(Refusal) as caught:
        call()  # type: ignore[operator]
    return caught.value.reason


def test_approved_organisation_is_connected_and_read(bench: XeroBench) -> None:
    """A consent for one organisation leads to calls that Xero answers for it."""
    row = bench.approve(ACME, HARBOUR)

    with bench.client(ACME) as http:
        organisation = http.get("Organisation").json()["Organisations"][0]
    assert (row.state, row.organisation_name) == (ConnectionState.CONNECTED, HARBOUR)
    assert organisation["Name"] == HARBOUR


def test_several_organisations_wait_for_a_choice(bench: XeroBench) -> None:
    """A consent for two offers both, and the chosen one is connected."""
    row = bench.approve(ACME, HARBOUR, SOUTHERN)
    names = {each.name: each.id for each in row.candidates}

    chosen = bench.connections.select(ACME, names[SOUTHERN], CALLER)

    assert set(names) == {HARBOUR, SOUTHERN}
    assert (row.state, chosen.organisation_name) == (ConnectionState.NOT_CONNECTED, SOUTHERN)


def test_two_workspaces_of_one_person_share_a_grant(bench: XeroBench) -> None:
    """The second consent sees only its own organisation, and neither rotates the other away."""
    first = bench.approve(ACME, HARBOUR)
    second = bench.approve(GLOBEX, SOUTHERN)
    bench.clock.advance(seconds=7200)

    assert first.grant_id == second.grant_id
    for key in (ACME, GLOBEX):
        with bench.client(key) as http:
            assert http.get("Contacts").status_code == 200


def test_organisation_belongs_to_one_workspace(bench: XeroBench) -> None:
    """Another person of the same organisation cannot connect it to another workspace."""
    bench.approve(ACME, HARBOUR)

    refused = reason_of(lambda: bench.approve(GLOBEX, HARBOUR, user=JACK))

    assert refused is Reason.ORGANISATION_TAKEN
    assert bench.row(GLOBEX).state is ConnectionState.NOT_CONNECTED


def test_consent_that_marks_nothing_new_asks_a_person(bench: XeroBench) -> None:
    """Where Xero leaves the earlier event on an organisation, it is offered, not taken."""
    bench.approve(ACME, HARBOUR)
    bench.driver.switch(reconsent_keeps_auth_event=True)

    row = bench.approve(ACME, HARBOUR)

    assert [each.name for each in row.candidates] == [HARBOUR]
    assert row.state is ConnectionState.CONNECTED


def test_declining_is_told(bench: XeroBench) -> None:
    """A person who declines has declined, and nothing failed."""
    assert reason_of(lambda: bench.approve(ACME, HARBOUR, deny=True)) is Reason.CONSENT_DENIED


def test_wrong_secret_is_the_operators_matter(database: Database, signing_key: SigningKey) -> None:
    """Xero refusing the app is not told as a person's fault."""
    driver = SimulatorDriver(signing_key)
    wrong = Registration(client_id=CLIENT[0], client_secret="wrong", redirect_uris=(REDIRECT,))
    bench = XeroBench(database, driver, wrong)

    assert reason_of(lambda: bench.approve(ACME, HARBOUR)) is Reason.PROVIDER_MISCONFIGURED


@pytest.mark.parametrize("path", ["/connect/token", "/connections"])
@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.UNAVAILABLE])
def test_xero_failing_during_the_consent_is_unavailable(
    bench: XeroBench, path: str, kind: FaultKind
) -> None:
    """Whatever fails on the way, the caller is told to start again and nothing is stored."""
    bench.fault(kind, path, count=9)

    with pytest.raises(Unavailable):
        bench.approve(ACME, HARBOUR)

    assert bench.row(ACME) == ConnectionRow(key=ACME)


def test_tokens_are_renewed_for_months(bench: XeroBench) -> None:
    """A connection that is used, or kept alive, outlives every single token."""
    bench.approve(ACME, HARBOUR)

    for _ in range(6):
        bench.clock.advance(seconds=30 * 86_400)
        assert bench.grants.keep_alive(timedelta(days=20)) == 1

    with bench.client(ACME) as http:
        assert http.get("Contacts").status_code == 200


def test_lost_answer_of_a_renewal_is_asked_for_again(bench: XeroBench) -> None:
    """Xero takes the previous refresh token again when the rotated one never arrived."""
    bench.approve(ACME, HARBOUR)
    bench.clock.advance(seconds=7200)
    bench.fault(FaultKind.DROP_AFTER, "/connect/token")

    with bench.client(ACME) as http:
        with pytest.raises(RetryLater):
            http.get("Contacts")
        bench.clock.advance(seconds=30)
        assert http.get("Contacts").status_code == 200


def test_lost_answer_of_a_renewal_asks_a_person_where_there_is_no_grace(bench: XeroBench) -> None:
    """With a Xero that takes no refresh token twice the connection says what happened."""
    bench.approve(ACME, HARBOUR)
    bench.driver.switch(strict_rotation=True)
    bench.clock.advance(seconds=7200)
    bench.fault(FaultKind.DROP_AFTER, "/connect/token")

    with bench.client(ACME) as http, pytest.raises(RetryLater):
        http.get("Contacts")
    bench.clock.advance(seconds=30)
    assert bench.grants.finish_renewals() == 0

    assert bench.row(ACME).state is ConnectionState.RECONNECT_REQUIRED
    assert "answer to a renewal of this access was lost" in bench.row(ACME).state_reason


def test_removed_app_waits_for_a_person(bench: XeroBench) -> None:
    """After the person removed the app, the connection says so and can be connected again."""
    row = bench.approve(ACME, HARBOUR)
    bench.driver.simulator.parts.token_endpoint.revoke_user(
        bench.driver.simulator.config.users[0].user_id, bench.driver.simulator.config.switches
    )
    bench.clock.advance(seconds=7200)

    with bench.client(ACME) as http, pytest.raises(AccessLost):
        http.get("Contacts")
    with pytest.raises(GrantDead):
        bench.grants.access_token(row.grant_id)

    assert bench.row(ACME).state is ConnectionState.RECONNECT_REQUIRED
    assert bench.approve(ACME, HARBOUR).state is ConnectionState.CONNECTED


def test_refresh_token_dies_of_disuse(bench: XeroBench) -> None:
    """After more than 60 idle days a person must connect again."""
    row = bench.approve(ACME, HARBOUR)
    bench.clock.advance(seconds=61 * 86_400)

    with pytest.raises(GrantDead):
        bench.grants.access_token(row.grant_id)


def test_expired_token_is_noticed_by_its_answer(bench: XeroBench) -> None:
    """A token that Xero calls expired is replaced and the call made again."""
    bench.approve(ACME, HARBOUR)
    bench.fault(FaultKind.TOKEN_EXPIRED, "/Contacts")

    with bench.client(ACME) as http:
        assert http.get("Contacts").status_code == 200

    assert bench.calls("/connect/token") == 2


def test_missing_permission_is_handed_back(bench: XeroBench) -> None:
    """A refusal for lack of permission renews nothing."""
    bench.approve(ACME, HARBOUR)
    bench.fault(FaultKind.UNAUTHORISED, "/Contacts")

    with bench.client(ACME) as http:
        assert http.get("Contacts").status_code == 401

    assert bench.calls("/connect/token") == 1


def test_minute_limit_is_kept_without_a_refusal(bench: XeroBench) -> None:
    """More calls than a minute allows take two minutes, and Xero refuses none."""
    bench.approve(ACME, HARBOUR)

    with bench.client(ACME) as http:
        statuses = [http.get("Currencies").status_code for _ in range(70)]

    assert set(statuses) == {200}
    assert bench.calls("/api.xro/2.0/Currencies") == 70
    assert sum(bench.clock.waits) == pytest.approx(60, abs=1)


@pytest.mark.parametrize(
    "kind", [FaultKind.LIMIT_MINUTE, FaultKind.LIMIT_CONCURRENT, FaultKind.LIMIT_APP_MINUTE]
)
def test_short_limits_are_waited_for(bench: XeroBench, kind: FaultKind) -> None:
    """A refusal for a short limit costs time and nothing else."""
    bench.approve(ACME, HARBOUR)
    bench.fault(kind, "/Contacts")

    with bench.client(ACME) as http:
        assert http.get("Contacts").status_code == 200

    assert 0 < sum(bench.clock.waits) <= 90


def test_day_limit_parks_the_run(bench: XeroBench) -> None:
    """A refusal for the day says when to come back."""
    bench.approve(ACME, HARBOUR)
    bench.fault(FaultKind.LIMIT_DAY, "/Contacts")

    with bench.client(ACME) as http, pytest.raises(RetryLater) as caught:
        http.get("Contacts")

    assert caught.value.after == timedelta(seconds=66_975)


def test_disconnect_gives_one_connection_back(bench: XeroBench) -> None:
    """Only the workspace's own connection goes at Xero; the person's other one works on."""
    bench.approve(ACME, HARBOUR)
    bench.approve(GLOBEX, SOUTHERN)

    row = bench.connections.disconnect(ACME)

    assert (row.state, bench.live()) == (ConnectionState.NOT_CONNECTED, 1)
    with bench.client(GLOBEX) as http:
        assert http.get("Contacts").status_code == 200


def test_disconnect_works_while_xero_is_down(bench: XeroBench) -> None:
    """The connection ends here although Xero keeps it for now."""
    bench.approve(ACME, HARBOUR)
    bench.fault(FaultKind.DROP_BEFORE, "/", count=99)

    row = bench.connections.disconnect(ACME)

    assert (row.state, bench.live()) == (ConnectionState.NOT_CONNECTED, 1)
    assert bench.database.rows("SELECT * FROM grants") == []


def test_replayed_code_is_refused(bench: XeroBench) -> None:
    """A code that was exchanged buys nothing with another state."""
    started = [bench.connections.start("acme", "xero", REDIRECT, CALLER) for _ in range(2)]
    body = {"authorize_url": started[0].url, "organisations": [HARBOUR]}
    location = bench.driver.control("POST", "consent", body)["location"]
    code = redirect_parameters(location)["code"]
    bench.connections.complete(Return(state=started[0].state), code, "", CALLER)

    with pytest.raises(FailedPrecondition) as caught:
        bench.connections.complete(Return(state=started[1].state), code, "", CALLER)

    assert caught.value.reason is Reason.CONSENT_FAILED

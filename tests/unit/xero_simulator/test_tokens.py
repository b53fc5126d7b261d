"""The token and revocation endpoints."""

import base64
import json
from typing import Any

import pytest

from simulator_driver import CLIENT, REDIRECT, SimulatorDriver


def _claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


def test_a_code_buys_a_token_set(fresh: SimulatorDriver) -> None:
    """The answer has Xero's members; the scope is one text here and a list in the token."""
    answer = fresh.exchange(fresh.consent()["code"]).json()
    claims = _claims(answer["access_token"])

    assert (answer["expires_in"], answer["token_type"]) == (1800, "Bearer")
    assert answer["scope"].split() == claims["scope"]
    assert {
        "nbf", "exp", "iss", "aud", "client_id", "sub", "auth_time", "xero_userid", "jti",
        "global_session_id", "scope", "authentication_event_id",
    } <= set(claims)  # fmt: skip
    assert "authentication_event_id" not in _claims(answer["id_token"])


def test_the_event_of_the_token_is_that_of_its_connections(xero: SimulatorDriver) -> None:
    """`authentication_event_id` filters /connections down to this consent."""
    event = _claims(xero.token)["authentication_event_id"]

    assert [xero.tenant_id] == [found["tenantId"] for found in xero.connections(authEventId=event)]
    assert xero.connections(authEventId="00000000-0000-0000-0000-000000000001") == []


def test_a_code_works_once(fresh: SimulatorDriver) -> None:
    """The second exchange of a code is an invalid grant."""
    code = fresh.consent()["code"]
    fresh.exchange(code)

    second = fresh.exchange(code)

    assert (second.status_code, second.json()) == (400, {"error": "invalid_grant"})


def test_a_code_dies_after_five_minutes(fresh: SimulatorDriver) -> None:
    """An old code is an invalid grant."""
    code = fresh.consent()["code"]
    fresh.clock.advance(301)

    assert fresh.exchange(code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"redirect_uri": f"{REDIRECT}/other"}, "invalid_grant"),
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
        ({"code": ""}, "invalid_request"),
    ],
)
def test_a_wrong_exchange_is_refused(
    fresh: SimulatorDriver, change: dict[str, str], error: str
) -> None:
    """Each mistake has its OAuth error code."""
    code = fresh.consent()["code"]

    answer = fresh.exchange(code, **change)

    assert (400, error) == (answer.status_code, answer.json()["error"])


def test_the_client_may_authenticate_in_the_body(fresh: SimulatorDriver) -> None:
    """Id and secret in the form work as Basic does; a wrong secret is an invalid client."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": fresh.connect()["refresh_token"],
        "client_id": CLIENT[0],
    }

    good = fresh.http.post("/connect/token", data={**form, "client_secret": CLIENT[1]})
    bad = fresh.http.post("/connect/token", data={**form, "client_secret": "no"})

    assert good.status_code == 200
    assert (bad.status_code, bad.json()) == (400, {"error": "invalid_client"})


def test_refresh_rotates_and_the_previous_token_has_grace(xero: SimulatorDriver) -> None:
    """The used token works again for 30 minutes, then never."""
    first = xero.refresh().json()
    xero.clock.advance(29 * 60)
    again = xero.refresh()
    xero.clock.advance(2 * 60)
    late = xero.refresh()

    assert first["refresh_token"] != xero.refresh_token
    assert again.status_code == 200
    assert again.json()["refresh_token"] != first["refresh_token"]
    assert late.json() == {"error": "invalid_grant"}
    assert xero.refresh(first["refresh_token"]).status_code == 200


def test_a_retry_may_repeat_the_same_tokens(xero: SimulatorDriver) -> None:
    """With the switch a retry inside the grace window repeats the first answer."""
    xero.switch(grace_repeats_tokens=True)

    assert xero.refresh().json() == xero.refresh().json()


def test_strict_rotation_has_no_grace(xero: SimulatorDriver) -> None:
    """With the switch the previous token is refused at once."""
    xero.switch(strict_rotation=True)
    xero.refresh()

    assert xero.refresh().status_code == 400


def test_a_refresh_token_dies_after_sixty_idle_days(xero: SimulatorDriver) -> None:
    """Using it in time prolongs the grant; leaving it alone ends it."""
    xero.clock.advance(59 * 86_400)
    used = xero.refresh().json()["refresh_token"]
    xero.clock.advance(61 * 86_400)

    assert xero.refresh(used).json() == {"error": "invalid_grant"}


def test_no_offline_access_means_no_refresh_token(fresh: SimulatorDriver) -> None:
    """Without the scope there is no refresh token, without openid no id token."""
    answer = fresh.connect(scope="accounting.contacts.read")

    assert {"refresh_token", "id_token"}.isdisjoint(answer)


def test_scopes_add_up_over_consents(fresh: SimulatorDriver) -> None:
    """A later consent keeps what an earlier one granted."""
    fresh.connect(scope="offline_access accounting.contacts.read")

    answer = fresh.connect(scope="accounting.settings.read")

    assert {"offline_access", "accounting.contacts.read", "accounting.settings.read"} == set(
        answer["scope"].split()
    )


def test_revocation_ends_all_of_a_persons_connections(fresh: SimulatorDriver) -> None:
    """Tokens die, connections go, another person's stay."""
    other = fresh.connect(user="jack@southerncross.example")["access_token"]
    fresh.connect("Harbour Goods Ltd", "Southern Cross")

    answer = fresh.http.post(
        "/connect/revocation", data={"token": fresh.refresh_token}, auth=CLIENT
    )

    assert (answer.status_code, answer.content) == (200, b"")
    assert fresh.connections() == []
    assert fresh.refresh().json() == {"error": "invalid_grant"}
    fresh.token = other
    assert len(fresh.connections()) == 1


@pytest.mark.parametrize("switch", ["access_survives_refresh", "access_survives_revocation"])
def test_access_tokens_can_die_early(xero: SimulatorDriver, switch: str) -> None:
    """With the switch off the old access token is refused."""
    xero.switch(**{switch: False})
    if switch == "access_survives_refresh":
        xero.refresh()
    else:
        xero.http.post("/connect/revocation", data={"token": xero.refresh_token}, auth=CLIENT)

    assert xero.call("GET", "Organisation").status_code == 401


def test_a_new_consent_may_retire_old_tokens(xero: SimulatorDriver) -> None:
    """With the switch the refresh token of an earlier consent is refused."""
    xero.switch(new_consent_retires_tokens=True)
    old = xero.refresh_token
    xero.connect()

    assert xero.refresh(old).status_code == 400


def test_discovery_names_the_endpoints_and_the_key(fresh: SimulatorDriver) -> None:
    """The published key set holds the public half only."""
    found = fresh.http.get("/.well-known/openid-configuration").json()
    key = fresh.http.get("/.well-known/openid-configuration/jwks").json()["keys"][0]

    assert found["token_endpoint"].endswith("/connect/token")
    assert (key["kty"], key["alg"]) == ("RSA", "RS256")
    assert "d" not in key

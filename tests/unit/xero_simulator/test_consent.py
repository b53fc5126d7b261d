"""The consent page and what comes back from it."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest

from simulator_driver import REDIRECT, SimulatorDriver, redirect_parameters

_AUTHORIZE = "/identity/connect/authorize"


def _form(html: str) -> dict[str, str]:
    """Return the hidden fields of the consent page."""
    pairs = re.findall(r"<input type=hidden name=(\w+) value='([^']*)'>", html)
    return {name: unescape(value) for name, value in pairs}


def test_the_page_lists_organisations_and_can_be_posted(fresh: SimulatorDriver) -> None:
    """A script that posts the form back gets a code, the state and no page."""
    page = fresh.http.get(_AUTHORIZE, params=fresh.authorize_query())
    tenant = fresh.simulator.parts.organisations.all()[1].profile.tenant_id
    form = {**_form(page.text), "organisation": tenant, "decision": "approve"}

    answer = fresh.http.post(_AUTHORIZE, data=form)

    assert "Southern Cross" in page.text
    assert "type=checkbox" in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(REDIRECT)
    assert {"code", "state", "scope", "session_state"} == set(
        redirect_parameters(answer.headers["Location"])
    )


def test_everything_on_the_page_is_escaped(fresh: SimulatorDriver) -> None:
    """Markup in the state or in a name never reaches the page as markup."""
    fresh.control("POST", "organisations", {"name": "<b>Bold</b> & Co", "contacts": 0})
    query = fresh.authorize_query(state="'><script>alert(1)</script>")

    page = fresh.http.get(_AUTHORIZE, params=query).text

    assert "<script>" not in page
    assert "<b>Bold" not in page
    assert _form(page)["state"] == "'><script>alert(1)</script>"


def test_refusing_comes_back_as_access_denied(fresh: SimulatorDriver) -> None:
    """The app learns of a refusal by the standard error and its own state."""
    form = {**fresh.authorize_query(), "decision": "deny"}

    answer = fresh.http.post(_AUTHORIZE, data=form)

    assert redirect_parameters(answer.headers["Location"]) == {
        "error": "access_denied",
        "state": "state-1",
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"client_id": "somebody"}, "unauthorized_client"),
        ({"client_id": ""}, "unauthorized_client"),
        ({"redirect_uri": "http://localhost:8080/oauth/callback/"}, "unauthorized_client"),
        ({"redirect_uri": "http://127.0.0.1:8080/oauth/callback"}, "unauthorized_client"),
        ({"scope": "openid nosuch"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
def test_a_wrong_request_ends_on_an_error_page(
    fresh: SimulatorDriver, change: dict[str, str], code: str
) -> None:
    """Xero keeps the person on a page that names the error; the callback is not called."""
    answer = fresh.http.get(_AUTHORIZE, params=fresh.authorize_query(**change))

    assert answer.status_code == 400
    assert code in answer.text


def test_a_plain_http_redirect_is_refused_even_if_registered(fresh: SimulatorDriver) -> None:
    """Only https, or http on localhost, may be redirected to."""
    answer = fresh.http.get(
        _AUTHORIZE, params=fresh.authorize_query(redirect_uri="http://shop.example/cb")
    )

    assert answer.status_code == 400


def test_a_wrong_request_may_end_on_the_dashboard(fresh: SimulatorDriver) -> None:
    """The switch chooses the older behaviour."""
    fresh.switch(bad_authorize="dashboard")

    answer = fresh.http.get(_AUTHORIZE, params=fresh.authorize_query(scope="nosuch"))

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_one_organisation_only_where_bulk_connections_are_off(fresh: SimulatorDriver) -> None:
    """With `acr_values=bulk_connect:false` two organisations are refused."""
    query = fresh.authorize_query(acr_values="bulk_connect:false")
    body = {
        "authorize_url": urlencode(query),
        "organisations": ["Harbour Goods Ltd", "Southern Cross"],
    }

    refused = fresh.control("POST", "consent", body, status=400)

    assert "one organisation" in refused["error"]
    assert "type=radio" in fresh.http.get(_AUTHORIZE, params=query).text


@pytest.mark.parametrize(
    "change",
    [{"organisation": "nosuch"}, {"user": "nobody@nowhere.example"}, {"decision": "maybe"}, {}],
)
def test_an_impossible_decision_is_refused(fresh: SimulatorDriver, change: dict[str, str]) -> None:
    """Unknown organisations and users, no organisation and no decision end on the error page."""
    form = {**fresh.authorize_query(), "decision": "approve", **change}

    answer = fresh.http.post(_AUTHORIZE, data=form)

    assert answer.status_code == 400


def test_extra_parameters_can_be_left_out(fresh: SimulatorDriver) -> None:
    """Only code and state come back when the switch is off."""
    fresh.switch(consent_extra_parameters=False)

    assert {"code", "state"} == set(fresh.consent())

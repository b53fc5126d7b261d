"""What turns an accounting call away."""

import pytest

from simulator_driver import SimulatorDriver


def test_an_expired_token_says_when(xero: SimulatorDriver) -> None:
    """The problem object carries Xero's text with an American date."""
    xero.clock.advance(1800)
    answer = xero.call("GET", "Organisation")

    assert answer.status_code == 401
    assert answer.json()["Detail"] == "TokenExpired: token expired at 10/01/2026 12:30:00"
    assert {"Type", "Title", "Status", "Detail", "Instance", "Extensions"} == set(answer.json())


def test_an_id_token_is_no_access_token(fresh: SimulatorDriver) -> None:
    """The audience is checked."""
    fresh.token = fresh.exchange(fresh.consent()["code"]).json()["id_token"]

    assert fresh.call("GET", "Organisation").json()["Detail"] == "TokenInvalidAudience"


@pytest.mark.parametrize("token", ["", "garbage", "a.b.c"])
def test_garbage_is_refused(xero: SimulatorDriver, token: str) -> None:
    """No token and nonsense answer 401."""
    xero.token = token

    assert xero.call("GET", "Organisation").status_code == 401


@pytest.mark.parametrize("tenant", ["", "nosuch", "11111111-1111-4111-8111-111111111111"])
def test_a_tenant_that_is_not_connected_is_forbidden(xero: SimulatorDriver, tenant: str) -> None:
    """A missing, wrong or foreign tenant id answers 403."""
    xero.tenant_id = tenant
    answer = xero.call("GET", "Organisation")

    assert (answer.status_code, answer.json()["Detail"]) == (403, "AuthenticationUnsuccessful")


def test_a_missing_scope_is_a_401_with_a_misspelt_challenge(fresh: SimulatorDriver) -> None:
    """Reading works, writing needs more than the read scope."""
    fresh.connect(scope="accounting.contacts.read")
    refused = fresh.call("POST", "Contacts", {"Name": "Kauri"})

    assert fresh.call("GET", "Contacts").status_code == 200
    assert refused.status_code == 401
    assert "insufficent_scope" in refused.headers["WWW-Authenticate"]
    assert refused.json()["Detail"] == "AuthorizationUnsuccessful"


def test_the_challenge_can_be_spelled_right_without_body(fresh: SimulatorDriver) -> None:
    """Two switches change header and body of the refusal."""
    fresh.switch(scope_error_spelled_right=True, scope_challenge_body=False)
    fresh.connect(scope="accounting.contacts.read")
    refused = fresh.call("GET", "TaxRates")

    assert "insufficient_scope" in refused.headers["WWW-Authenticate"]
    assert refused.text == ""


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [
        ("accounting.settings.read", "Items", 200),
        ("accounting.invoices.read", "Items", 200),
        ("accounting.invoices", "Invoices", 200),
        ("accounting.transactions.read", "Invoices", 200),
        ("accounting.contacts", "Invoices", 401),
        ("accounting.invoices", "TaxRates", 401),
        ("accounting.settings", "Payments", 401),
    ],
)
def test_each_endpoint_needs_its_scope(
    fresh: SimulatorDriver, scope: str, path: str, status: int
) -> None:
    """The table of scopes is Xero's; writing implies reading, broad ones imply granular ones."""
    fresh.connect(scope=scope)

    assert status == fresh.call("GET", path).status_code


def test_a_lost_role_is_a_401_without_challenge(xero: SimulatorDriver) -> None:
    """A person without a role is refused; the role can come back."""
    who = {"user": "mia@harbour.example", "organisation": "Harbour Goods Ltd"}
    xero.control("POST", "access/role", who)
    refused = xero.call("GET", "Organisation")
    xero.control("POST", "access/role", {**who, "lost": False})

    assert (refused.status_code, refused.json()["Detail"]) == (401, "AuthorizationUnsuccessful")
    assert "WWW-Authenticate" not in refused.headers
    assert xero.call("GET", "Organisation").status_code == 200


def test_the_order_of_scope_and_tenant_is_a_switch(fresh: SimulatorDriver) -> None:
    """Where both are wrong the first check in the order answers."""
    fresh.connect(scope="accounting.contacts.read")
    fresh.tenant_id = "nosuch"
    by_tenant = fresh.call("GET", "TaxRates").status_code
    fresh.switch(gate_order="scope-tenant-limits")

    assert (by_tenant, fresh.call("GET", "TaxRates").status_code) == (403, 401)


def test_limits_first_gives_the_place_back(xero: SimulatorDriver) -> None:
    """A call that is refused after it was counted does not stay counted as running."""
    xero.switch(gate_order="limits-tenant-scope")
    xero.allow(concurrent=1)
    tenant, xero.tenant_id = xero.tenant_id, "nosuch"
    refused = [xero.call("GET", "Organisation").status_code for _ in range(3)]
    xero.tenant_id = tenant

    assert refused == [403, 403, 403]
    assert xero.call("GET", "Organisation").status_code == 200


def test_problem_objects_can_be_lower_case(xero: SimulatorDriver) -> None:
    """The variant that was seen once can be chosen."""
    xero.switch(problem_lower_case=True)
    xero.tenant_id = ""

    assert {"type", "title", "status", "detail", "instance", "extensions"} == set(
        xero.call("GET", "Organisation").json()
    )


def test_without_an_accept_header_the_answer_is_xml(xero: SimulatorDriver) -> None:
    """Clients that forget the header get XML."""
    answer = xero.call("GET", "Organisation", headers={"Accept": "*/*"})

    assert answer.headers["Content-Type"].startswith("text/xml")
    assert answer.text.startswith("<Response")


def test_unknown_endpoints_methods_and_long_urls_are_told_apart(xero: SimulatorDriver) -> None:
    """404 text for what is not there or too long, 501 for a method that does not exist."""
    ids = ",".join(["11111111-1111-4111-8111-111111111111"] * 60)
    missing = xero.call("GET", "Nosuch")
    method = xero.call("POST", "Organisation", {"Name": "x"})

    assert (missing.status_code, "cannot be found" in missing.text) == (404, True)
    assert (method.status_code, method.json()["ErrorNumber"]) == (501, 20)
    assert xero.call("GET", "Invoices", IDs=ids).status_code == 404
    assert xero.call("GET", "Invoices", IDs=ids[: 37 * 40 - 1]).status_code == 200


def test_an_offline_organisation_is_a_503(xero: SimulatorDriver) -> None:
    """One organisation can be offline while the others work."""
    xero.control_organisation("POST", "profile", {"offline": True})
    answer = xero.call("GET", "Organisation")

    assert (answer.status_code, answer.text) == (503, "The Organisation is offline")


def test_a_body_that_is_not_json_is_unsupported(xero: SimulatorDriver) -> None:
    """Other media types answer 415."""
    answer = xero.call("PUT", "Contacts", headers={"Content-Type": "application/xml"})

    assert answer.status_code == 415

import re
from collections.abc import Callable
from typing import Any

import grpc
import httpx
import pytest
from bs4 import BeautifulSoup

from syncline.v1.integration_pb2 import Connection, Organisation
from syncline_client import SynclineError, Unavailable
from syncline_client.errors import Explanation

Visit = Callable[..., httpx.Response]
CALLBACK = "/oauth/callback?state=s3cret-state&code=s3cret-code"
REASONS = (
    "CONSENT_DENIED",
    "CONSENT_FAILED",
    "STATE_UNKNOWN",
    "STATE_EXPIRED",
    "STATE_USED",
    "ORGANISATION_TAKEN",
)


def failing(kind: type[SynclineError], reason: str, code: grpc.StatusCode) -> SynclineError:
    """Return an error as the client raises it."""
    return kind(Explanation(code=code, message="s3cret-state", reason=reason, metadata={}))


def test_a_completed_consent_shows_the_organisation(server: Any, visit: Visit) -> None:
    """The page says connected, to which organisation, and to go back."""
    server.connection = Connection(
        provider_title="Xero", organisation=Organisation(id="org-id", display_name="Harbour & Sons")
    )
    page = visit(CALLBACK)
    assert page.status_code == 200
    assert "connected to Harbour &amp; Sons in Xero" in page.text
    assert "go back to where you started" in page.text


def test_the_server_gets_what_the_provider_sent(server: Any, visit: Visit) -> None:
    """State and code arrive as they were, and nothing else."""
    visit("/oauth/callback?state=a%2Fb&code=c%3Dd&scope=openid&session_state=x")
    (asked,) = server.asked
    assert (asked.state, asked.code, asked.error) == ("a/b", "c=d", "")


def test_a_refusal_at_the_provider_is_handed_on(server: Any, visit: Visit) -> None:
    """A person who declines is told so, from what the server answers."""
    refusal = grpc.StatusCode.FAILED_PRECONDITION
    server.failure = failing(SynclineError, "CONSENT_DENIED", refusal)
    page = visit("/oauth/callback?state=abc&error=access_denied&error_description=No")
    assert (server.asked[0].error, server.asked[0].error_description) == ("access_denied", "No")
    assert page.status_code == 409
    assert "Access was not approved" in page.text


def test_several_organisations_are_listed_with_what_to_do(server: Any, visit: Visit) -> None:
    """Candidates are shown by name, and how one is chosen."""
    server.connection = Connection(
        candidates=[
            Organisation(id="id-1", display_name="One"),
            Organisation(id="id-2", display_name="Two"),
        ]
    )
    page = visit(CALLBACK)
    listed = BeautifulSoup(page.text, "html.parser").select("main li")
    assert [each.get_text() for each in listed] == ["One", "Two"]
    assert "SelectOrganisation" in page.text


def test_outside_words_are_escaped(server: Any, visit: Visit) -> None:
    """A name cannot become markup."""
    server.connection = Connection(organisation=Organisation(display_name="<script>alert(1)"))
    page = visit(CALLBACK)
    assert "<script" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


@pytest.mark.parametrize("reason", [*REASONS, "INTERNAL", "SOMETHING_NEW", ""])
def test_pages_show_no_id_code_or_state(server: Any, visit: Visit, reason: str) -> None:
    """Whatever happens, the page repeats nothing of the address and no server text."""
    refusal = grpc.StatusCode.FAILED_PRECONDITION
    server.failure = failing(SynclineError, reason, refusal)
    page = visit(CALLBACK)
    assert page.status_code >= 400
    assert "s3cret" not in page.text
    assert "Go back" in page.text or "connect again" in page.text


def test_unavailable_says_to_come_back(server: Any, visit: Visit) -> None:
    """A server that is away is not called a refusal."""
    away = grpc.StatusCode.UNAVAILABLE
    server.failure = failing(Unavailable, "PROVIDER_UNAVAILABLE", away)
    page = visit(CALLBACK)
    assert page.status_code == 503
    assert "Wait a minute" in page.text


def test_refused_credentials_name_the_setting(server: Any, visit: Visit) -> None:
    """An operator reads which variable to look at."""
    refusal = grpc.StatusCode.UNAUTHENTICATED
    server.failure = failing(SynclineError, "CREDENTIALS_INVALID", refusal)
    assert "SYNCLINE_CONSOLE_TOKEN" in visit(CALLBACK).text


def test_what_the_server_finds_malformed_is_an_incomplete_address(
    server: Any, visit: Visit
) -> None:
    """No provider sends a state that cannot be one, so nobody on our side is to blame."""
    refusal = grpc.StatusCode.INVALID_ARGUMENT
    server.failure = failing(SynclineError, "INVALID_FIELD", refusal)
    page = visit("/oauth/callback?state=%00&code=x")
    assert page.status_code == 400
    assert "not complete" in page.text


@pytest.mark.parametrize(
    "query",
    ["", "?code=x", "?state=x", "?state=x&code=y&error=z", f"?state=x&code={'y' * 5000}"],
    ids=["nothing", "no state", "no outcome", "two outcomes", "too long"],
)
def test_an_incomplete_address_calls_nobody(server: Any, visit: Visit, query: str) -> None:
    """What no provider sends is refused here."""
    page = visit(f"/oauth/callback{query}")
    assert page.status_code == 400
    assert server.asked == []


def test_a_preview_does_not_use_the_state_up(server: Any, visit: Visit) -> None:
    """HEAD changes nothing."""
    assert visit(CALLBACK, "HEAD").status_code == 200
    assert server.asked == []


@pytest.mark.parametrize(
    "purpose",
    [{"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}],
)
def test_fetching_ahead_does_not_use_the_state_up(
    server: Any, visit: Visit, purpose: dict[str, str]
) -> None:
    """A browser that looks ahead is sent away, and comes back when somebody is there."""
    assert visit(CALLBACK, headers=purpose).status_code == 503
    assert server.asked == []


@pytest.mark.parametrize("name", ["redirect_uri", "next", "return_to", "url", "state", "iss"])
def test_callback_sends_nobody_on(server: Any, visit: Visit, name: str) -> None:
    """Whatever the address asks for, the page neither redirects nor links anywhere."""
    server.connection = Connection(organisation=Organisation(display_name="https://evil.example"))
    page = visit(f"{CALLBACK}&{name}=https%3A%2F%2Fevil.example")

    assert "location" not in page.headers
    assert "refresh" not in page.headers
    assert "http-equiv" not in page.text
    links = [str(each["href"]) for each in BeautifulSoup(page.text, "html.parser").select("[href]")]
    assert all(re.match("[/#][^/]*", link) and "evil" not in link for link in links)


def test_pages_can_do_nothing_but_be_read(visit: Visit) -> None:
    """No script, no outside resource, no frame, no referrer, no cache."""
    headers = visit("/oauth/callback").headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self';")
    assert "form-action 'none'; frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_healthz_answers(visit: Visit) -> None:
    """Whoever watches the process gets a short yes."""
    assert (visit("/healthz").status_code, visit("/healthz").text) == (200, "ok")


def test_other_pages_are_not_there(visit: Visit) -> None:
    """An unknown address is said to be one; an unknown method is refused."""
    assert visit("/nothing").status_code == 404
    assert visit("/oauth/callback", "POST").status_code == 405


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "/workspaces/acme/integrations", 303),
        ("GET", "http://127.0.0.1:8080/workspaces/acme/integrations", 307),
        ("GET", "/healthz", 200),
        ("POST", "/webhooks/xero", 200),
        ("GET", "/static/css/mark.svg", 200),
    ],
    ids=["sign-in", "home", "health", "webhook", "picture"],
)
def test_what_is_no_page_can_do_nothing_either(
    visit: Visit, method: str, url: str, status: int
) -> None:
    """Every answer has a policy, and is taken for what it says it is."""
    answer = visit(url, method)

    assert answer.status_code == status
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/sign-in/", "/workspaces/acme/integrations/", "/static"])
def test_nobody_is_led_by_a_slash(visit: Visit, path: str) -> None:
    """An address is right or leads nowhere."""
    assert visit(path).status_code == 404

import base64
import hashlib
import re
import secrets
from urllib.parse import parse_qs, urlsplit

from ledger import CLIENT_ID, HOME, REDIRECT, ledger_provider
from syncline_server.oauth.flow import Departure, depart
from syncline_server.oauth.registration import Registration

REGISTRATION = Registration(
    client_id=CLIENT_ID, client_secret="planted-secret", redirect_uris=(REDIRECT,)
)


def away() -> Departure:
    """Return a departure with real randomness."""
    return depart(ledger_provider(), REGISTRATION, REDIRECT, secrets.token_bytes)


def test_address_asks_for_a_code_with_all_it_takes() -> None:
    """The address carries exactly what RFC 6749 and RFC 7636 ask for."""
    departure = away()

    parts = urlsplit(departure.url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    digest = hashlib.sha256(departure.verifier.encode()).digest()
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{HOME}/oauth/authorize"
    assert query == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT,
        "scope": "read offline",
        "state": departure.state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }


def test_verifier_and_state_are_long_and_differ_each_time() -> None:
    """Both have 256 bits in the characters that RFC 7636 allows, and none comes twice."""
    made = [secret for each in (away(), away()) for secret in (each.state, each.verifier)]

    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", secret) for secret in made)
    assert len(set(made)) == 4


def test_repr_shows_no_secret() -> None:
    """A departure and a registration can be printed."""
    departure = away()

    shown = f"{departure!r} {REGISTRATION!r}"
    assert departure.state not in shown
    assert departure.verifier not in shown
    assert "planted" not in shown

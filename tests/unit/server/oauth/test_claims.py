import base64
import json

import pytest

from syncline_server.oauth.claims import claims_of


def token(claims: object) -> str:
    """Return an unsigned token with these claims."""
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"eyJhbGciOiJSUzI1NiJ9.{body}.c2ln"


@pytest.mark.parametrize("name", ["a", "ab", "abc", "abcd"])
def test_claims_are_read(name: str) -> None:
    """Claims come back whatever padding their encoding lacks."""
    assert claims_of(token({"sub": name})) == {"sub": name}


@pytest.mark.parametrize(
    "opaque", ["", "opaque", "a.b", "a.%%%.c", "a.AAAA.c", token([1]), "a.ā.c", "a.b.c.d"]
)
def test_other_tokens_claim_nothing(opaque: str) -> None:
    """A token that is no JSON Web Token has no claims, and is no error."""
    assert claims_of(opaque) == {}

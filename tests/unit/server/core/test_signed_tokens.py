from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clockwork import START
from identity_provider import AUDIENCE, ISSUER, IdentityProvider
from syncline_server.core.access import Role
from syncline_server.core.signed_tokens import LEEWAY, Holder, NotTrusted, Trust, holder

TRUST = Trust(issuer=ISSUER, audience=AUDIENCE)
PROVIDER = IdentityProvider(lambda: START)


def held(workspaces: object = None, trust: Trust = TRUST, **claims: Any) -> Holder:
    """Return who a token of these claims was made out to, an instant after it was made."""
    return holder(PROVIDER.claims(workspaces, **claims), trust, START)


def test_claims_tell_who_calls() -> None:
    """Issuer and subject together are who it is; the address is only shown."""
    found = held({"acme": "admin", "beta": "Viewer"})

    assert found.identity.subject == f"{ISSUER}#mia"
    assert found.identity.title == "mia@acme.example"
    assert found.identity.roles == {"acme": Role.ADMIN, "beta": Role.VIEWER}
    assert found.identity.everywhere is None
    assert found.expire_time == START + timedelta(hours=1)


def test_roles_may_be_a_list() -> None:
    """Of several roles in one workspace the one that includes the others holds."""
    found = held(["acme:viewer", "acme:admin", "acme:operator", "beta:service"])

    assert found.identity.roles == {"acme": Role.ADMIN, "beta": Role.SERVICE}


def test_claim_of_roles_has_the_name_it_is_given() -> None:
    """Some issuers want a URL for the names of claims that are not their own."""
    trust = Trust(issuer=ISSUER, audience=AUDIENCE, workspaces_claim="https://x/workspaces")

    found = held(None, trust, **{"https://x/workspaces": ["acme:viewer"]})

    assert found.identity.roles == {"acme": Role.VIEWER}


@pytest.mark.parametrize("workspaces", [None, [], {}])
def test_whoever_has_no_role_is_somebody_without_one(workspaces: object) -> None:
    """A token without the claim is good, and opens nothing."""
    assert held(workspaces).identity.highest is None


@pytest.mark.parametrize(
    "workspaces",
    [
        "acme:admin",
        ["acme"],
        ["acme:owner"],
        ["acme:"],
        [{"acme": "admin"}],
        ["acme:admin", 1],
        {"acme": ["admin"]},
        {"ACME": "admin"},
        {"": "admin"},
        {"*": "service"},
        ["*:service"],
        ["acme:admin:beta"],
        7,
    ],
)
def test_malformed_roles_are_refused(workspaces: object) -> None:
    """What is not understood is not guessed at, and no claim is for all workspaces."""
    with pytest.raises(NotTrusted):
        held(workspaces)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": f"{ISSUER}/"},
        {"iss": None},
        {"iss": [ISSUER]},
        {"aud": "other"},
        {"aud": ["other", "another"]},
        {"aud": None},
        {"aud": f"{AUDIENCE} other"},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "mia\nadmin"},
        {"exp": None},
        {"exp": "4000000000"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"exp": -1},
        {"exp": START.timestamp()},
        {"exp": (START - timedelta(seconds=1)).timestamp()},
        {"nbf": (START + LEEWAY).timestamp() + 1},
        {"iat": (START + LEEWAY).timestamp() + 1},
        {"nbf": "soon"},
    ],
)
def test_claims_of_others_or_another_time_are_refused(claims: dict[str, Any]) -> None:
    """Issuer, audience, subject and times are each checked, and none may be missing or odd."""
    with pytest.raises(NotTrusted):
        held(["acme:admin"], **claims)


def test_audience_may_be_one_of_several() -> None:
    """A token that is made out to us and others is for us."""
    assert held(aud=["other", AUDIENCE])


def test_clock_of_the_issuer_may_be_ahead() -> None:
    """A token is taken that was made a few seconds from now."""
    ahead = (START + LEEWAY).timestamp()

    assert held(iat=ahead, nbf=ahead)
    assert held(iat=None)


@pytest.mark.parametrize(
    ("claims", "taken"),
    [
        ({"azp": "console"}, True),
        ({"client_id": "erp"}, True),
        ({"azp": "other", "client_id": "erp"}, False),
        ({"azp": "other"}, False),
        ({}, False),
    ],
)
def test_tokens_may_be_for_certain_clients_only(claims: dict[str, str], *, taken: bool) -> None:
    """Where clients are named, a token that was made out to another one is refused."""
    trust = Trust(issuer=ISSUER, audience=AUDIENCE, clients=("console", "erp"))

    if taken:
        assert held(None, trust, **claims)
    else:
        with pytest.raises(NotTrusted):
            held(None, trust, **claims)


@pytest.mark.parametrize(
    ("claims", "title"),
    [
        ({"email": None, "name": "Mia Moana"}, "Mia Moana"),
        ({"email": " ", "name": None}, "mia"),
        ({"email": "mia\x1b[2J", "name": 7}, "mia"),
        ({"email": "m" * 300}, "m" * 100),
    ],
)
def test_title_is_what_can_be_shown(claims: dict[str, Any], title: str) -> None:
    """Titles are short and printable, whatever a person has called themselves."""
    assert held(**claims).identity.title == title


PATIENT = settings(deadline=None, suppress_health_check=list(HealthCheck))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
CLAIMS = ("iss", "aud", "sub", "exp", "nbf", "iat", "azp", "email", "name", "syncline_workspaces")


@PATIENT
@given(st.dictionaries(st.sampled_from(CLAIMS), JSON))
def test_odd_claims_are_refused_or_understood(odd: dict[str, Any]) -> None:
    """Whatever an issuer writes, nothing breaks, and what is taken has a name and an end."""
    claims = {**PROVIDER.claims(["acme:viewer"]), **odd}

    try:
        found = holder(claims, TRUST, START)
    except NotTrusted:
        return
    assert found.identity.subject.startswith(f"{ISSUER}#")
    assert found.identity.title.isprintable()
    assert found.expire_time > START
    assert found.identity.everywhere is None

import pytest

from syncline_server.core.access import Identity
from syncline_server.core.errors import Unauthenticated
from syncline_server.rpc import identity


def named(secret: str) -> Identity:
    """Take everybody for local, remembering the secret as the title."""
    return Identity(
        subject=secret, title=secret, role=identity.LOCAL.role, workspaces=identity.LOCAL.workspaces
    )


def with_metadata(*metadata: tuple[str, str | bytes]) -> identity.Arrival:
    """Return a call that brings this."""
    return identity.Arrival(metadata=metadata)


def test_bearer_token_is_handed_on() -> None:
    """The token is what stands behind the scheme, whose case does not matter."""
    authenticate = identity.by_bearer_token(named)

    assert authenticate(with_metadata(("authorization", "bEARER  abc "))).subject == "abc"


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ((), "CREDENTIALS_MISSING"),
        ((("x-request-id", "1"),), "CREDENTIALS_MISSING"),
        ((("authorization", "Bearer"),), "CREDENTIALS_INVALID"),
        ((("authorization", "Basic abc"),), "CREDENTIALS_INVALID"),
        ((("authorization", "Bearer a"), ("authorization", "Bearer b")), "CREDENTIALS_INVALID"),
    ],
)
def test_other_headers_are_refused(metadata: identity.Metadata, reason: str) -> None:
    """No header, another scheme, no token and two headers are refused."""
    with pytest.raises(Unauthenticated) as refusal:
        identity.by_bearer_token(named)(with_metadata(*metadata))

    assert refusal.value.reason == reason


def test_everybody_is_local_until_credentials_exist() -> None:
    """While nothing is configured nobody is asked; from then on everybody is."""
    configured: list[bool] = []
    authenticate = identity.local_until_configured(
        lambda: bool(configured), identity.by_bearer_token(named)
    )

    assert authenticate(with_metadata()) is identity.LOCAL
    configured.append(True)
    with pytest.raises(Unauthenticated):
        authenticate(with_metadata())

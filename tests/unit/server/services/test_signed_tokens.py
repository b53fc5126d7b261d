from datetime import timedelta

import pytest
import structlog

from clockwork import Clockwork
from identity_provider import AUDIENCE, ISSUER, IdentityProvider
from syncline_server.core.access import Role
from syncline_server.core.errors import Unauthenticated, Unavailable
from syncline_server.core.signed_tokens import Trust
from syncline_server.oauth.issuer import Issuer
from syncline_server.oauth.signing_keys import FRESH, PAUSE, SigningKeys
from syncline_server.outbound.clients import issuer_client
from syncline_server.services.signed_tokens import REMEMBERED, SignedTokens


class Bench:
    """An issuer, and a server that takes its tokens."""

    def __init__(self) -> None:
        self.clock = Clockwork()
        self.provider = IdentityProvider(self.clock)
        issuer = Issuer(issuer_client(self.provider.transport, ISSUER), ISSUER)
        self.keys = SigningKeys(issuer.signing_keys, self.clock)
        trust = Trust(issuer=ISSUER, audience=AUDIENCE)
        self.tokens = SignedTokens(self.keys, trust, self.clock)


@pytest.fixture
def bench() -> Bench:
    """An issuer, and a server that takes its tokens."""
    return Bench()


def test_token_tells_who_calls(bench: Bench) -> None:
    """Roles are those of the claim, in its workspaces."""
    found = bench.tokens.identify(bench.provider.token({"acme": "admin", "beta": "viewer"}))

    assert found.subject == f"{ISSUER}#mia"
    assert found.roles == {"acme": Role.ADMIN, "beta": Role.VIEWER}


def test_token_is_verified_once_in_a_while(bench: Bench) -> None:
    """A token that was found good is not verified with every call, nor for ever."""
    token = bench.provider.token(["acme:viewer"])
    first = bench.tokens.identify(token)

    assert bench.tokens.identify(token) is first
    bench.clock.advance(seconds=REMEMBERED.total_seconds())
    assert bench.tokens.identify(token) is not first


def test_token_ends_on_time(bench: Bench) -> None:
    """A token opens nothing from its end on, remembered or not."""
    end = bench.clock() + timedelta(seconds=2)
    token = bench.provider.token(["acme:viewer"], exp=end.timestamp())
    bench.tokens.identify(token)

    bench.clock.advance(seconds=2)

    with pytest.raises(Unauthenticated):
        bench.tokens.identify(token)


def test_keys_rotate_under_way(bench: Bench) -> None:
    """Tokens of the old key and of the new one are good at once, until the old one is withdrawn."""
    old = bench.provider.token(["acme:viewer"])
    bench.tokens.identify(old)
    bench.provider.rotate("second", "RS256")
    bench.clock.advance(seconds=PAUSE.total_seconds())

    assert bench.tokens.identify(bench.provider.token(["acme:viewer"]))
    assert bench.tokens.identify(old)

    bench.provider.withdraw("first")
    bench.clock.advance(seconds=FRESH.total_seconds())
    bench.keys.refresh()
    with pytest.raises(Unauthenticated):
        bench.tokens.identify(old)


def test_refusals_tell_nothing_and_the_log_tells_why(bench: Bench) -> None:
    """Every bad token gets the same words; the reason is logged, and the token nowhere."""
    other = IdentityProvider(bench.clock)
    bad = [
        bench.provider.token(exp=1),
        bench.provider.token(aud="other"),
        bench.provider.token({"acme": "owner"}),
        other.token(),
        "planted.planted.planted",
        "planted",
    ]
    bench.tokens.identify(bench.provider.token())

    messages = set()
    with structlog.testing.capture_logs() as lines:
        for token in bad:
            with pytest.raises(Unauthenticated) as refusal:
                bench.tokens.identify(token)
            messages.add((refusal.value.reason, refusal.value.message))

    assert len(messages) == 1
    assert len({line["why"] for line in lines}) == len(bad)
    assert not any(token in str(lines) for token in bad)


def test_nothing_is_said_while_the_issuer_is_away(bench: Bench) -> None:
    """Without any keys a token is neither good nor bad; the caller is told when to come back."""
    bench.provider.down = True

    with pytest.raises(Unavailable) as refusal:
        bench.tokens.identify(bench.provider.token())

    assert refusal.value.reason == "ISSUER_UNAVAILABLE"
    assert refusal.value.retry_after == PAUSE


def test_malformed_tokens_never_reach_the_issuer(bench: Bench) -> None:
    """What is refused by its looks has nobody asked for keys."""
    for token in ("x", "a.b.c", "e30.e30.", "y" * 100_000):
        with pytest.raises(Unauthenticated):
            bench.tokens.identify(token)

    assert bench.provider.asked == []


def test_few_tokens_are_remembered(bench: Bench) -> None:
    """Memory is bounded, and forgetting a token only means to verify it again."""
    token = bench.provider.token(["acme:viewer"])
    first = bench.tokens.identify(token)
    bench.tokens._known.update(
        {
            str(each).encode(): bench.tokens._known[next(iter(bench.tokens._known))]
            for each in range(10_000)
        }
    )

    bench.tokens.identify(bench.provider.token(["beta:viewer"]))

    assert len(bench.tokens._known) == 1
    assert bench.tokens.identify(token) == first

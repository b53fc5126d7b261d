import threading
from collections.abc import Mapping

import pytest

from clockwork import Clockwork
from identity_provider import IdentityProvider
from syncline_server.oauth.signatures import SigningKey, signing_key
from syncline_server.oauth.signing_keys import (
    FRESH,
    KEPT,
    PAUSE,
    IssuerUnavailable,
    SigningKeys,
)


class Source:
    """Where keys are read, with a count of how often."""

    def __init__(self) -> None:
        self.clock = Clockwork()
        provider = IdentityProvider(self.clock)
        key = signing_key(provider.keys["first"][1].as_dict(private=False))
        assert key is not None
        self.key = key
        self.names = ["first"]
        self.down = False
        self.read = 0
        self.keys = SigningKeys(self.fetch, self.clock)

    def fetch(self) -> Mapping[str, SigningKey]:
        """Return the keys."""
        self.read += 1
        if self.down:
            raise IssuerUnavailable("planted")
        return dict.fromkeys(self.names, self.key)

    def pass_time(self, span: object) -> None:
        """Let a span and a moment pass."""
        self.clock.advance(seconds=span.total_seconds() + 1)  # type: ignore[attr-defined]  # a timedelta


@pytest.fixture
def source() -> Source:
    """Where keys are read."""
    return Source()


def test_keys_are_read_once(source: Source) -> None:
    """The first token has them read, the next ones find them."""
    assert source.keys.find("first") is source.key
    assert source.keys.find("first") is source.key
    assert source.read == 1


def test_new_key_is_found_when_a_token_names_it(source: Source) -> None:
    """A key that was rotated in is read as soon as one attempt may follow the last."""
    source.keys.find("first")
    source.names = ["first", "second"]
    source.pass_time(PAUSE)

    assert source.keys.find("second") is source.key


def test_made_up_keys_cost_nothing(source: Source) -> None:
    """However many keys nobody has are named, the issuer is asked once in a while."""
    for number in range(1_000):
        assert source.keys.find(f"made-up-{number}") is None
    assert source.read == 1

    source.pass_time(PAUSE)
    assert source.keys.find("made-up") is None
    assert source.read == 2


def test_keys_are_read_again_in_age(source: Source) -> None:
    """A key that was withdrawn ends with the next reading, though no token names another."""
    source.keys.refresh()
    source.names = ["second"]
    source.pass_time(PAUSE)
    source.keys.refresh()
    assert source.keys.find("first") is source.key

    source.pass_time(FRESH)
    source.keys.refresh()

    assert source.keys.find("first") is None
    assert source.read == 2


def test_keys_outlive_an_outage_for_a_day(source: Source) -> None:
    """While the issuer is down the keys stay; after a day nothing vouches for them any more."""
    source.keys.find("first")
    source.down = True

    source.clock.advance(seconds=KEPT.total_seconds() - 1)
    source.keys.refresh()
    assert source.keys.find("first") is source.key

    source.pass_time(PAUSE)
    with pytest.raises(IssuerUnavailable):
        source.keys.find("first")


def test_nothing_is_said_of_a_key_while_the_issuer_is_down(source: Source) -> None:
    """A key that is not known may be new: that is no reason to call the token bad."""
    source.keys.find("first")
    source.down = True
    source.pass_time(PAUSE)

    for _ in range(3):
        with pytest.raises(IssuerUnavailable) as refusal:
            source.keys.find("second")
    assert refusal.value.retry_after == PAUSE
    assert source.read == 2


def test_issuer_that_was_never_reached_is_asked_again_soon(source: Source) -> None:
    """A server that starts before its issuer comes right by itself."""
    source.down = True
    with pytest.raises(IssuerUnavailable):
        source.keys.find("first")

    source.down = False
    with pytest.raises(IssuerUnavailable):
        source.keys.find("first")
    source.pass_time(PAUSE)
    assert source.keys.find("first") is source.key


def test_clock_that_was_put_back_stops_nothing(source: Source) -> None:
    """Keys that were read in the future are read anew, at once."""
    source.keys.find("first")
    source.clock.advance(seconds=-3600)

    assert source.keys.find("first") is source.key
    assert source.read == 2


def test_one_asks_and_nobody_waits() -> None:
    """While one call has the keys read, others are answered: by known keys, or to come back."""
    asked, answer = threading.Event(), threading.Event()
    source = Source()
    source.keys.find("first")
    source.pass_time(PAUSE)

    def fetch() -> Mapping[str, SigningKey]:
        asked.set()
        assert answer.wait(60)
        return {"second": source.key}

    source.keys._fetch = fetch
    found: list[SigningKey | None] = []
    thread = threading.Thread(target=lambda: found.append(source.keys.find("second")))
    thread.start()
    assert asked.wait(60)

    assert source.keys.find("first") is source.key
    with pytest.raises(IssuerUnavailable) as refusal:
        source.keys.find("second")
    answer.set()
    thread.join()

    assert refusal.value.retry_after is not None
    assert refusal.value.retry_after < PAUSE
    assert found == [source.key]


def test_bug_in_reading_does_not_stop_it_for_ever(source: Source) -> None:
    """Whatever reading raises, the next one may begin."""

    def fetch() -> Mapping[str, SigningKey]:
        raise KeyError("planted")

    source.keys._fetch, before = fetch, source.keys._fetch
    with pytest.raises(KeyError):
        source.keys.find("first")

    source.keys._fetch = before
    source.pass_time(PAUSE)
    assert source.keys.find("first") is source.key

from datetime import timedelta
from itertools import count

import pytest

from clockwork import Clockwork
from syncline_server.core.access import Role
from syncline_server.core.errors import InvalidArgument, NotFound, Unauthenticated
from syncline_server.services.access_tokens import PREFIX, REMEMBERED, AccessTokens, NewToken
from syncline_server.storage.database import Database


class Bench:
    """Two processes on one database."""

    def __init__(self, database: Database) -> None:
        numbers = count(1)
        self.database = database
        self.clock = Clockwork()
        self.here, self.there = (
            AccessTokens(
                database,
                self.clock,
                lambda: f"id{next(numbers)}",
                lambda: f"planted-secret-{next(numbers)}",
            )
            for _ in range(2)
        )

    def create(self, **more: object) -> tuple[str, str]:
        """Make a token; return its id and secret."""
        values = {"title": "ci", "role": Role.VIEWER, "workspaces": ["acme"], **more}
        token, secret = self.here.create(NewToken(**values))  # type: ignore[arg-type]  # a test's own words
        return token.id, secret


@pytest.fixture
def bench(database: Database) -> Bench:
    """Two processes that know the same tokens."""
    return Bench(database)


def test_secret_tells_who_calls(bench: Bench) -> None:
    """A token's secret is shown once and identifies its owner, role and workspaces."""
    token_id, secret = bench.create(role=Role.OPERATOR, workspaces=["globex", "acme"])

    found = bench.there.identify(secret)

    assert secret.startswith(PREFIX)
    assert (found.subject, found.title) == (token_id, "ci")
    assert found.roles == {"acme": Role.OPERATOR, "globex": Role.OPERATOR}
    assert found.everywhere is None


def test_secret_is_nowhere(bench: Bench) -> None:
    """Neither rows nor listed tokens nor their text hold a secret."""
    _, secret = bench.create()

    rows = bench.database.rows("SELECT * FROM access_tokens")

    assert "planted" not in str(rows)
    assert "planted" not in repr(bench.here.list())
    assert secret.removeprefix(PREFIX).startswith("planted")


def test_unknown_secret_is_refused(bench: Bench) -> None:
    """Nobody is identified by what was never given out."""
    with pytest.raises(Unauthenticated):
        bench.here.identify(f"{PREFIX}made-up")


def test_revocation_is_seen_everywhere_soon(bench: Bench) -> None:
    """Here a revoked token is refused at once, in another process after a few seconds."""
    token_id, secret = bench.create()
    bench.here.identify(secret)
    bench.there.identify(secret)

    for _ in range(2):
        bench.here.revoke(token_id)

    with pytest.raises(Unauthenticated):
        bench.here.identify(secret)
    assert bench.there.identify(secret)
    bench.clock.advance(seconds=REMEMBERED.total_seconds())
    with pytest.raises(Unauthenticated):
        bench.there.identify(secret)


def test_token_expires_on_time(bench: Bench) -> None:
    """A token opens nothing from its expiry on, remembered or not."""
    end = bench.clock() + timedelta(seconds=2)
    _, secret = bench.create(expire_time=end)
    bench.here.identify(secret)

    bench.clock.advance(seconds=2)

    with pytest.raises(Unauthenticated):
        bench.here.identify(secret)


def test_revoking_nothing_is_refused(bench: Bench) -> None:
    """A token that is not there cannot be revoked."""
    with pytest.raises(NotFound):
        bench.here.revoke("none")


def test_tokens_are_configured_once_there_is_one(bench: Bench) -> None:
    """From the first token on every caller needs one, also when it is revoked."""
    assert not bench.here.are_configured()

    token_id, _ = bench.create()
    bench.here.revoke(token_id)

    assert bench.here.are_configured()
    assert bench.there.are_configured()


@pytest.mark.parametrize(
    ("more", "fields"),
    [
        ({"title": ""}, ["title"]),
        ({"title": "x" * 101}, ["title"]),
        ({"workspaces": []}, ["workspaces"]),
        ({"workspaces": ["ACME"]}, ["workspaces"]),
        ({"workspaces": None}, ["workspaces"]),
        ({"workspaces": None, "title": ""}, ["title", "workspaces"]),
    ],
)
def test_bad_wishes_are_refused(bench: Bench, more: dict[str, object], fields: list[str]) -> None:
    """Every violation is told; only SERVICE may span all workspaces."""
    with pytest.raises(InvalidArgument) as refusal:
        bench.create(**more)

    assert [each.field for each in refusal.value.violations] == fields


def test_past_expiry_is_refused(bench: Bench) -> None:
    """A token that would open nothing is not made."""
    with pytest.raises(InvalidArgument):
        bench.create(expire_time=bench.clock())


def test_service_may_span_all(bench: Bench) -> None:
    """A SERVICE token without workspaces reaches every one."""
    _, secret = bench.create(role=Role.SERVICE, workspaces=None)

    assert bench.there.identify(secret).may(Role.SERVICE, "anything")

import hashlib
from datetime import timedelta
from itertools import count

import pytest

from clockwork import Clockwork
from meanwhile import Meanwhile
from syncline_server.core.access import Role
from syncline_server.core.errors import (
    AlreadyExists,
    InvalidArgument,
    NotFound,
    Reason,
    Unauthenticated,
    Unavailable,
)
from syncline_server.services.access_tokens import (
    NONE_REMEMBERED,
    PREFIX,
    REMEMBERED,
    AccessTokens,
    NewToken,
)
from syncline_server.storage.database import Database

ERP = "spiffe://acme/erp"


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


def test_revocation_wins_over_a_call_under_way(bench: Bench) -> None:
    """A call that read the token just before it was revoked makes nobody trust it longer."""
    token_id, secret = bench.create()
    database = Meanwhile(bench.database.engine)
    tokens = AccessTokens(database, bench.clock, lambda: "id", lambda: "none")
    database.act = lambda: tokens.revoke(token_id)

    assert tokens.identify(secret)  # its call began before the revocation

    with pytest.raises(Unauthenticated):
        tokens.identify(secret)


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


def test_service_may_be_for_named_workspaces(bench: Bench) -> None:
    """A SERVICE token of some workspaces reaches these and no other."""
    _, secret = bench.create(role=Role.SERVICE, workspaces=["acme", "globex"])

    found = bench.there.identify(secret)

    assert [found.role_in(each) for each in ("acme", "globex", "umbrella")] == [
        Role.SERVICE,
        Role.SERVICE,
        None,
    ]


def test_first_token_is_seen_everywhere_soon(bench: Bench) -> None:
    """A process that knew of no token looks again after a second; its maker knows at once."""
    assert not bench.there.are_configured()

    bench.create()

    assert bench.here.are_configured()
    bench.clock.advance(seconds=NONE_REMEMBERED.total_seconds())
    assert bench.there.are_configured()


def other_process(bench: Bench) -> tuple[AccessTokens, Meanwhile]:
    """Return a third process, which knew of no token for as long as it may, and its database."""
    database = Meanwhile(bench.database.engine)
    tokens = AccessTokens(database, bench.clock, lambda: "id", lambda: "none")
    assert not tokens.are_configured()
    bench.clock.advance(seconds=NONE_REMEMBERED.total_seconds())
    return tokens, database


def test_first_token_is_missed_by_nobody_while_another_looks(bench: Bench) -> None:
    """Who comes while a call is looking for a first token does not believe that there is none."""
    tokens, database = other_process(bench)
    found: list[bool] = []

    def come() -> None:
        bench.create()
        found.append(tokens.are_configured())

    database.act = come
    tokens.are_configured()

    assert found == [True]


def test_first_token_is_missed_by_nobody_who_could_not_look(bench: Bench) -> None:
    """A look for a first token that failed is no reason to believe that there is none."""
    tokens, database = other_process(bench)
    bench.create()

    def fail() -> None:
        raise Unavailable(Reason.DATABASE_UNAVAILABLE, "gone")

    database.act = fail
    with pytest.raises(Unavailable):
        tokens.are_configured()

    assert tokens.are_configured()


def test_clock_that_was_put_back_revives_nothing(bench: Bench) -> None:
    """What was looked up in the future is looked up anew."""
    token_id, secret = bench.create()
    bench.there.identify(secret)
    bench.here.revoke(token_id)

    bench.clock.advance(seconds=-3600)

    with pytest.raises(Unauthenticated):
        bench.there.identify(secret)


def test_expired_last_token_opens_nothing_to_everybody(bench: Bench) -> None:
    """When the last token ends, callers are still asked for one."""
    _, secret = bench.create(expire_time=bench.clock() + timedelta(minutes=1))

    bench.clock.advance(seconds=60)

    assert bench.there.are_configured()
    with pytest.raises(Unauthenticated):
        bench.there.identify(secret)


def test_what_is_no_token_of_ours_is_not_looked_up(bench: Bench) -> None:
    """Secrets begin in one way; anything else is refused, whatever is stored."""
    bench.create()
    bench.database.execute(
        "UPDATE access_tokens SET token_hash = ?", (hashlib.sha256(b"made-up").hexdigest(),)
    )

    with pytest.raises(Unauthenticated):
        bench.here.identify("made-up")


def test_certificate_stands_for_a_token(bench: Bench) -> None:
    """A name is given a role, and no secret is made."""
    token_id, secret = bench.create(certificate=ERP, role=Role.OPERATOR)

    found = bench.there.identify_certificate([ERP])

    assert secret == ""
    assert (found.subject, found.roles) == (token_id, {"acme": Role.OPERATOR})
    assert bench.there.are_configured()


def test_first_registered_name_counts(bench: Bench) -> None:
    """Of several names in a certificate the first one that is registered tells who calls."""
    later, _ = bench.create(certificate="erp.acme.example")
    first, _ = bench.create(certificate=ERP)

    assert bench.here.identify_certificate([ERP, "erp.acme.example"]).subject == first
    assert bench.here.identify_certificate(["urn:x", "erp.acme.example"]).subject == later
    bench.here.revoke(first)
    assert bench.here.identify_certificate([ERP, "erp.acme.example"]).subject == later


@pytest.mark.parametrize(
    "names", [["spiffe://acme/other"], ["spiffe://acme/erp/"], [""], ["x"] * 1_000]
)
def test_unknown_certificate_is_refused(bench: Bench, names: list[str]) -> None:
    """A name is compared as a whole, and a secret opens nothing as one."""
    bench.create(certificate=ERP)
    _, secret = bench.create()

    for each in (names, [secret], ["none/id1"]):
        with pytest.raises(Unauthenticated):
            bench.here.identify_certificate(each)


def test_name_of_a_certificate_is_no_secret(bench: Bench) -> None:
    """Knowing a name, or what is stored where the hash of a secret would be, opens nothing."""
    token_id, _ = bench.create(certificate=ERP)

    for secret in (ERP, "", PREFIX, f"none/{token_id}", f"{PREFIX}none/{token_id}"):
        with pytest.raises(Unauthenticated):
            bench.here.identify(secret)


def test_certificate_is_revoked_and_expires_like_a_token(bench: Bench) -> None:
    """Here at once, elsewhere after a few seconds; and on time."""
    token_id, _ = bench.create(certificate=ERP)
    bench.there.identify_certificate([ERP])

    bench.here.revoke(token_id)

    with pytest.raises(Unauthenticated):
        bench.here.identify_certificate([ERP])
    bench.clock.advance(seconds=REMEMBERED.total_seconds())
    with pytest.raises(Unauthenticated):
        bench.there.identify_certificate([ERP])

    bench.create(certificate=ERP, expire_time=bench.clock() + timedelta(seconds=1))
    bench.here.identify_certificate([ERP])
    bench.clock.advance(seconds=1)
    with pytest.raises(Unauthenticated):
        bench.here.identify_certificate([ERP])


def test_certificates_alone_are_known_as_such(bench: Bench) -> None:
    """Not while a secret is good, nor while nothing is."""
    assert not bench.here.are_certificates_only()
    bench.create(certificate=ERP)
    assert bench.here.are_certificates_only()

    token_id, _ = bench.create()
    assert not bench.here.are_certificates_only()

    bench.here.revoke(token_id)
    assert bench.here.are_certificates_only()


def test_name_stands_for_one_thing_at_a_time(bench: Bench) -> None:
    """A second registration is refused, naming the first, until that is revoked."""
    token_id, _ = bench.create(certificate=ERP)

    with pytest.raises(AlreadyExists) as refusal:
        bench.create(certificate=ERP, role=Role.ADMIN)
    assert refusal.value.resource == f"accessTokens/{token_id}"

    bench.here.revoke(token_id)
    other, _ = bench.create(certificate=ERP)
    assert bench.here.identify_certificate([ERP]).subject == other


@pytest.mark.parametrize(
    "name",
    [
        "*.acme.example",
        "ERP.acme.example",
        "CN=erp",
        "-erp",
        "spiffe://a b",
        "a:\n",
        "é",
        "x" * 256,
    ],
)
def test_names_that_no_certificate_has_are_refused(bench: Bench, name: str) -> None:
    """A name is a URI or a DNS name as it is compared; nothing stands for many."""
    with pytest.raises(InvalidArgument) as refusal:
        bench.create(certificate=name)

    assert [each.field for each in refusal.value.violations] == ["certificate"]

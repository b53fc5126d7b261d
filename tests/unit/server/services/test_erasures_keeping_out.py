import threading
from dataclasses import replace

import pytest

from auditing import entries
from clockwork import Clockwork
from connect_bench import ACME, CALLER, Bench, refused
from erasing import add, erased, eraser
from ledger import REDIRECT
from meanwhile import Meanwhile
from running import numbered_ids
from syncline_server.core.access import AccessToken, Role
from syncline_server.core.audit import NO_WORKSPACE
from syncline_server.core.errors import FailedPrecondition, Reason, Unauthenticated
from syncline_server.core.notices import Notice, WorkspaceChanged
from syncline_server.services.access_tokens import AccessTokens, NewToken
from syncline_server.services.consents import Return
from syncline_server.services.erasures import Erasures
from syncline_server.storage import access_tokens, changes, connections
from syncline_server.storage.database import Database


@pytest.fixture
def erasures(database: Database) -> Erasures:
    """What erases."""
    return eraser(database)


def test_consents_end_with_it(database: Database) -> None:
    """No consent begins while it lasts, and one from before comes back to nothing, also later."""
    bench, erasures = Bench(database), eraser(database)
    started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
    code = bench.ledger.consent(started.url, "mia", "kauri")
    begun = erasures.begin("acme", "me")

    refused(
        lambda: bench.connections.start("acme", "ledger", REDIRECT, CALLER),
        Reason.WORKSPACE_ERASING,
    )
    erasures.finish(begun)
    refused(
        lambda: bench.connections.complete(Return(state=started.state), code, "", CALLER),
        Reason.STATE_UNKNOWN,
    )
    bench.connect()


def test_a_consent_on_its_way_brings_nothing_back(database: Database) -> None:
    """A code that is exchanged while the whole workspace is erased connects nothing."""
    bench, erasures = Bench(database), eraser(database)
    started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
    code = bench.ledger.consent(started.url, "mia", "kauri")

    def meanwhile(_request: object) -> None:
        bench.ledger.intercept = lambda _request: None
        erased(erasures)

    bench.ledger.intercept = meanwhile
    refused(
        lambda: bench.connections.complete(Return(state=started.state), code, "", CALLER),
        Reason.STATE_UNKNOWN,
    )
    assert not database.rows("SELECT * FROM grants")
    assert connections.of_workspace(database, "acme") == []


def test_who_follows_the_feed_reads_anew(database: Database, erasures: Erasures) -> None:
    """A number from before is refused, also when the id is used again and counts beyond it."""
    add(database)
    number = changes.history(database, "acme").last
    erased(erasures)
    for index in range(number + 3):
        add(database, f"c{index}")

    history = changes.history(database, "acme")
    with pytest.raises(FailedPrecondition) as caught:
        history.refuse_lost(number)
    assert caught.value.reason is Reason.CHANGE_TOKEN_EXPIRED
    assert history.last > number


def token(database: Database, name: str, *workspaces: str) -> None:
    """Store an access token."""
    access_tokens.insert(
        database,
        AccessToken(
            id=name,
            title=name,
            role=Role.ADMIN,
            workspaces=frozenset(workspaces) or None,
            token_hash=name,
            create_time=Clockwork()(),
        ),
    )


def test_access_tokens_reach_it_no_more(database: Database, erasures: Erasures) -> None:
    """One for it alone is revoked, one for several loses it, others stay as they are."""
    token(database, "alone", "acme")
    token(database, "both", "acme", "globex")
    token(database, "other", "globex")
    token(database, "all")

    receipt = erased(erasures)

    found = {each.id: each for each in access_tokens.every(database)}
    assert found["alone"].revoke_time is not None
    assert found["both"].workspaces == found["other"].workspaces == {"globex"}
    assert found["all"].workspaces is None
    assert [name for name, each in found.items() if each.revoke_time] == ["alone"]
    assert receipt.row_counts == {"access_tokens": 2}


def test_certificates_reach_it_no_more(database: Database, erasures: Erasures) -> None:
    """The name in a certificate is taken back as a secret is."""
    clock = Clockwork()
    tokens = AccessTokens(database, clock, numbered_ids(), lambda: "")
    name = "spiffe://acme/erp"
    tokens.create(NewToken(title="erp", role=Role.ADMIN, workspaces=["acme"], certificate=name))
    assert tokens.identify_certificate([name]).role_in("acme") is Role.ADMIN

    erased(erasures)

    clock.advance(seconds=5)
    with pytest.raises(Unauthenticated):
        tokens.identify_certificate([name])


def test_tokens_that_are_withdrawn_are_in_the_trail(database: Database, erasures: Erasures) -> None:
    """Of each the operators' trail tells what it reached and reaches, in the same transaction."""
    token(database, "alone", "acme")
    token(database, "both", "acme", "globex")
    token(database, "other", "globex")

    erased(erasures)

    found = entries(database, NO_WORKSPACE)
    assert {(entry.method, entry.actor.subject) for entry in found} == {("WithdrawToken", "system")}
    assert [(*entry.names, *entry.edits) for entry in found] == [
        ("accessTokens/alone", ("workspaces", "acme", "")),
        ("accessTokens/both", ("workspaces", "acme,globex", "globex")),
    ]


def test_two_erasures_at_once_leave_a_token_neither(database: Database) -> None:
    """Whoever withdraws second sees what the first has left, and takes nothing back."""
    if database.is_sqlite:
        return
    token(database, "both", "acme", "globex")
    now = Clockwork()()

    def withdraw() -> None:
        with database.transaction():
            access_tokens.withdraw(database, "globex", now)

    second = threading.Thread(target=withdraw)
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
    with database.transaction():
        access_tokens.withdraw(database, "acme", now)
        second.start()
        while second.is_alive() and not database.tuples(waiting):
            pass
    second.join()

    (left,) = access_tokens.every(database)
    assert left.workspaces == {"globex"}
    assert left.revoke_time is not None


def test_an_old_token_fills_nothing_anew(database: Database) -> None:
    """It is not over before every process has forgotten a token that was withdrawn."""
    token(database, "alone", "acme")
    clock = Clockwork()
    tokens = AccessTokens(database, clock, numbered_ids(), lambda: "")
    secret = tokens.create(NewToken(title="both", role=Role.ADMIN, workspaces=["acme"]))[1]
    erasing = replace(eraser(database), clock=clock)
    begun = erasing.begin("acme", "me")
    seen: list[bool] = []

    def wait(seconds: float) -> None:
        tokens.identify(secret)  # looked up just before: it is still trusted
        clock.wait(seconds)
        with pytest.raises(Unauthenticated):
            tokens.identify(secret)
        seen.append(erasing.get("acme", begun.id).finish_time is None)

    tokens.identify(secret)
    assert replace(erasing, wait=wait).finish(begun)

    assert seen == [True]


def test_grants_that_others_live_on_stay(database: Database) -> None:
    """A person's consent to another workspace lives on, and its connection works."""
    bench, erasures = Bench(database), eraser(database)
    globex = replace(ACME, workspace="globex")
    bench.connect()
    bench.connect(globex, "totara")
    bench.connections.disconnect(ACME)

    erased(erasures)

    with bench.client(globex) as http:
        assert http.get("/anything").is_success
    bench.connect()


def test_an_organisation_is_free_again(database: Database) -> None:
    """Another workspace may connect what the erased one had."""
    bench, erasures = Bench(database), eraser(database)
    bench.connect()
    bench.connections.disconnect(ACME)
    erased(erasures)

    bench.connect(replace(ACME, workspace="globex"))

    assert bench.row(replace(ACME, workspace="globex")).organisation_id == "kauri"


def test_calls_are_refused_while_it_lasts(database: Database) -> None:
    """A process knows at once of its own, and of another's within a second."""
    mine, clock = eraser(database), Clockwork()
    other = replace(eraser(database), clock=clock)
    for process in (mine, other):
        process.refuse("acme")

    begun = mine.begin("acme", "me")

    refused(lambda: mine.refuse("acme"), Reason.WORKSPACE_ERASING)
    mine.refuse("globex")
    clock.advance(seconds=1)
    refused(lambda: other.refuse("acme"), Reason.WORKSPACE_ERASING)
    mine.finish(begun)
    mine.refuse("acme")


def test_a_clock_that_was_put_back_prolongs_nothing(database: Database) -> None:
    """What a process knew at a later time by its clock is looked up again."""
    mine, clock = eraser(database), Clockwork()
    other = replace(eraser(database), clock=clock)
    clock.advance(seconds=3_600)
    other.refuse("acme")
    mine.begin("acme", "me")

    clock.advance(seconds=-3_600)

    refused(lambda: other.refuse("acme"), Reason.WORKSPACE_ERASING)


def test_who_follows_is_told_of_a_commands_erasure(database: Database) -> None:
    """A look tells of what another process began since the last one, also when it is over."""
    told: list[Notice] = []
    database.listen(told.append)
    clock, command = Clockwork(), Database(database.engine)
    server = replace(eraser(database), clock=clock)
    server.tell_of_others()
    clock.advance(seconds=60)

    erased(replace(eraser(command), clock=clock))
    assert told == []
    clock.advance(seconds=60)
    server.tell_of_others()
    assert told == [WorkspaceChanged("acme")]
    clock.advance(seconds=600)
    server.tell_of_others()
    clock.advance(seconds=60)
    server.tell_of_others()

    assert set(told) == {WorkspaceChanged("acme")}
    assert len(told) == 2


def test_its_beginning_is_missed_by_nobody(database: Database) -> None:
    """A call that looked just before an erasure began here lets none in that comes after it."""
    meanwhile = Meanwhile(database.engine)
    erasures = eraser(meanwhile)
    meanwhile.act = lambda: erasures.begin("acme", "me")
    erasures.refuse("acme")  # it came before

    refused(lambda: erasures.refuse("acme"), Reason.WORKSPACE_ERASING)


def test_its_end_is_missed_by_nobody(database: Database) -> None:
    """A call that looked just before an erasure ended here keeps none out that comes after it."""
    meanwhile = Meanwhile(database.engine)
    erasures = eraser(meanwhile)
    begun = erasures.begin("acme", "me")
    meanwhile.act = lambda: erasures.finish(begun)
    refused(lambda: erasures.refuse("acme"), Reason.WORKSPACE_ERASING)  # it came before

    erasures.refuse("acme")

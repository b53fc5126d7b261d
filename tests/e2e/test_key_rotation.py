"""Encryption keys are rotated, over and over, while processes renew tokens and one dies."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from databases import opened
from key_file import KeyFile, begun, done
from local_stack import PATIENCE, LocalStack, wait_until
from syncline.v1.integration_pb2 import CheckParityRequest, Connection
from syncline.v1.run_pb2 import Run
from syncline_demo.story.workspace import Workspace
from syncline_server.core.tokens import Grant, TokenSet
from syncline_server.services.keys import Keys
from syncline_server.storage import grants
from syncline_server.storage.cipher import Cipher
from token_crowd import Ask, crowd

pytestmark = pytest.mark.slow
OTHERS = 2000
"""Grants beside the one that is renewed, so that rotating takes a while."""
ROTATIONS = 3


@pytest.fixture
def workspace(stack: LocalStack) -> Workspace:
    """A connected workspace that has pulled contacts."""
    workspace = stack.connected("rotated", contacts=1, items=1)
    workspace.set_toggles(contacts=True)
    *_, last = workspace.watch(workspace.trigger("contacts"))
    assert last.state == Run.STATE_SUCCEEDED
    return workspace


@pytest.fixture
def keys(stack: LocalStack) -> KeyFile:
    """The keys of the stack."""
    return KeyFile(stack.settings.data_folder / "encryption.key")


def store_others(stack: LocalStack, key: str) -> None:
    """Store grants of many people, renewed just now."""
    database, now = opened(stack.database_url), datetime.now(UTC)
    tokens = TokenSet(access="a" * 1500, refresh="r" * 43, expire_time=now + timedelta(days=1))
    cipher = Cipher([key])
    with database.transaction():
        for number in range(OTHERS):
            name = f"p{number:04}"
            person = Grant(id=name, provider="xero", subject=name, tokens=tokens, refresh_time=now)
            grants.put(database, cipher, person)
    database.close()


def uses_xero(stack: LocalStack, workspace: Workspace) -> None:
    """Have the server renew its token for a call, which must succeed."""
    fault = {"kind": "token-expired", "path": "Contacts", "count": 1}
    stack.control("POST", "/faults", fault)
    request = CheckParityRequest(connection=workspace.connection, module="contacts")
    workspace.client.integrations.CheckParity(request, timeout=PATIENCE)


@contextmanager
def renewing(ask: Ask) -> Iterator[list[str]]:
    """Renew again and again beside the block, each time for a token that was refused.

    :returns: what everybody got, in order.
    """
    got, stop = list(ask("")), threading.Event()

    def renew() -> None:
        while not stop.is_set():
            got.extend(set(ask(got[-1])))

    thread = threading.Thread(target=renew)
    thread.start()
    try:
        yield got
    finally:
        stop.set()
        thread.join()


def kill_in_the_middle(stack: LocalStack) -> None:
    """Begin to rotate, and kill -9 what does when it has brought some over and not all."""
    process = begun(stack.environment_of("server"), "keys", "rotate")
    assert process.stderr is not None
    line = next(line for line in process.stderr if line.startswith("grants: "))
    process.kill()
    process.communicate()
    assert 0 < int(line.split()[1]) < OTHERS


def test_keys_rotate_while_tokens_are_renewed(
    stack: LocalStack, workspace: Workspace, keys: KeyFile
) -> None:
    """Nobody is held up, no renewed token is lost, and in the end old keys are needed no more."""
    store_others(stack, keys.keys[0])
    environ = stack.environment_of("server")
    with crowd(environ, 2, 2) as ask, renewing(ask) as got:
        for _ in range(ROTATIONS):
            keys.add_first()
            kill_in_the_middle(stack)
            uses_xero(stack, workspace)
            code, printed, complained = done(environ, "keys", "rotate")
            assert code == 0, complained
            assert printed.startswith("brought ")
            uses_xero(stack, workspace)
        wait_until(lambda: len(set(got)) > 3 * ROTATIONS, "tokens are renewed meanwhile")

    assert {each for each in got if not each.startswith("ey")} == set()
    assert len(set(got)) > 3 * ROTATIONS
    assert done(environ, "keys", "rotate")[0] == 0
    assert_others_droppable(done(environ, "keys", "list")[1])
    keys.keep_first()
    assert_everything_opens(stack, keys)
    stack.stop("server")
    stack.start("server")
    uses_xero(stack, workspace)
    assert workspace.get_connection().state == Connection.STATE_CONNECTED
    assert "grant_" not in stack.log_of("server").read_text()
    assert "1 in the ring; " in done(environ, "check")[1]


def assert_others_droppable(listed: str) -> None:
    """Check that of all keys only the first is needed."""
    first, *others = [line.split()[1] for line in listed.splitlines()]
    assert (first, others) == ("first", ["droppable"] * ROTATIONS)


def assert_everything_opens(stack: LocalStack, keys: KeyFile) -> None:
    """Check that every grant is readable with the first key alone."""
    database, cipher = opened(stack.database_url), Cipher(keys.keys)
    ids = [row["id"] for row in database.rows("SELECT id FROM grants")]
    assert len(ids) == OTHERS + 1
    for each in ids:
        assert grants.get(database, cipher, each) is not None
    (use,) = Keys(database, cipher).in_use()
    assert use.is_first
    database.close()


def test_a_server_without_the_new_key_loses_nothing(
    start_stack: Callable[..., LocalStack],
) -> None:
    """What it cannot open is refused for now; as soon as it is given the key all goes on."""
    stack = start_stack()
    workspace = stack.connected("behind", contacts=1, items=1)
    workspace.set_toggles(contacts=True)
    keys = KeyFile(stack.settings.data_folder / "encryption.key")
    known = keys.keys[0]
    keys.add_first()
    environ = dict(stack.environment_of("server"))
    del environ["SYNCLINE_ENCRYPTION_KEYS_FILE"]
    environ["SYNCLINE_ENCRYPTION_KEYS"] = ",".join(keys.keys)
    keys.write([known])
    assert done(environ, "keys", "rotate")[0] == 0

    code, _, said = done(stack.environment_of("server"), "check")
    assert code == 2
    assert "1 stored secrets are under encryption keys that are not in the ring: " in said
    *_, failed = workspace.watch(workspace.trigger("contacts"))
    assert failed.error.details
    assert "GRANT_UNREADABLE" in str(failed.error)
    assert workspace.get_connection().state == Connection.STATE_CONNECTED

    keys.write(environ["SYNCLINE_ENCRYPTION_KEYS"].split(","))
    workspace.set_toggles(items=True)
    *_, last = workspace.watch(workspace.trigger("tax_rates"))
    assert last.state == Run.STATE_SUCCEEDED


def test_a_server_asks_a_command_for_a_key_it_lacks(
    start_stack: Callable[..., LocalStack], tmp_path: Path
) -> None:
    """A program that prints keys is run while calls are served, and the run goes through."""
    file = tmp_path / "ring of keys"
    file.write_text(Fernet.generate_key().decode())
    keys = KeyFile(file)
    stack = start_stack(SYNCLINE_ENCRYPTION_KEYS_COMMAND=f"cat '{file}'")
    workspace = stack.connected("commanded", contacts=1, items=1)
    workspace.set_toggles(contacts=True)
    keys.add_first()
    assert done(stack.environment_of("server"), "keys", "rotate")[0] == 0
    keys.keep_first()

    *_, last = workspace.watch(workspace.trigger("contacts"))

    assert last.state == Run.STATE_SUCCEEDED
    assert "keys_changed" in stack.log_of("server").read_text()
    uses_xero(stack, workspace)

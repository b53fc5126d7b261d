"""Encryption keys."""

import sys
from argparse import Namespace

from cryptography.fernet import Fernet

from syncline_server.app import now
from syncline_server.app.keyring import build_keyring
from syncline_server.commands.acting import acting
from syncline_server.commands.opening import opened
from syncline_server.config import Config
from syncline_server.services.keys import Keys, KeyUse, Rotated
from syncline_server.storage import acts
from syncline_server.storage.cipher import Cipher, CipherError
from syncline_server.storage.database import Database
from syncline_server.storage.schema import migrate


def create(_arguments: Namespace) -> None:
    """Print a new encryption key."""
    print(Fernet.generate_key().decode())


def show(_arguments: Namespace, config: Config) -> None:
    """Show every key by its id: where it is, how many secrets need it, whether it may go."""
    for use in keys_of(config, _migrated(config)).in_use():
        old = f", {use.fernet} of them in the old format" if use.fernet else ""
        print(f"{use.key_id or 'unknown':16}  {_standing(use):9} {use.secrets} secrets{old}")


def rotate(_arguments: Namespace, config: Config) -> None:
    """Bring everything stored under the first key, beside servers at work.

    :raises CipherError: something is left that is not.
    """
    database = _migrated(config)
    keys = keys_of(config, database)
    with acting(database, "keys rotate"):
        acts.go_on()
        done = keys.rotate(_progress)
        first = keys.in_use()[0].key_id
        with database.transaction():  # the trail has it, however the command ends
            acts.edited("first_key", "", first)
            acts.edited("moved_secrets", "", str(done.moved))
            acts.edited("unreadable_secrets", "0", str(done.unreadable))
            acts.edited("contested_secrets", "0", str(done.contested))
        print(f"brought {done.moved} secrets under key {first}")
        _refuse_rest(done)


def _refuse_rest(done: Rotated) -> None:
    if done.unreadable:
        raise CipherError(
            f"{done.unreadable} secrets do not open with any key of the ring and were left as they"
            " are; `syncline-server keys list` names their keys"
        )
    if done.contested:
        raise CipherError(
            f"{done.contested} secrets were written meanwhile, each time: run it once more"
        )


def keys_of(config: Config, database: Database) -> Keys:
    """Return what looks after the keys of a database.

    :raises CipherError: the keys cannot be had, there is none, or one is malformed.
    """
    return Keys(database, Cipher(build_keyring(config, now)))


def _migrated(config: Config) -> Database:
    database = opened(config)
    migrate(database)
    return database


def _standing(use: KeyUse) -> str:
    if use.is_first:
        return "first"
    if not use.in_ring:
        return "MISSING"
    return "droppable" if use.may_be_dropped else "needed"


def _progress(table: str, seen: int, moved: int) -> None:
    print(f"{table}: {seen} looked at, {moved} brought over", file=sys.stderr)

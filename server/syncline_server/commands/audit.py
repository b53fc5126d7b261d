"""The audit trail: verified, exported, anchored."""

import sys
from argparse import ArgumentTypeError, Namespace
from datetime import UTC, datetime
from pathlib import Path

from syncline_server.commands.opening import opened
from syncline_server.config import Config
from syncline_server.core.audit import NO_WORKSPACE, Fault
from syncline_server.core.errors import NotFound
from syncline_server.services import audit_export
from syncline_server.services.audit_checks import Anchors, Checked, read_anchors, verify
from syncline_server.storage import audit as rows
from syncline_server.storage.database import Database
from syncline_server.storage.schema import migrate

_NONE = "-"
_BROKEN = 1


def instant(text: str) -> datetime:
    """Parse ``2026-11-26`` or ``2026-11-26T10:30:00Z``; without an offset it is UTC.

    :raises ArgumentTypeError: it is neither.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("must be like 2026-11-26 or 2026-11-26T10:30:00Z") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


class FileUnreadable(Exception):  # noqa: N818 - a refusal, raised to whoever typed the command
    """A file that was named cannot be read."""


def check(arguments: Namespace, config: Config | None = None) -> int:
    """Verify chains, or a file that was exported; print their heads, or what is wrong first.

    :param config: of the database; None where there is a file instead.
    :return: 0 when all is right, 1 when something is not.
    :raises FileUnreadable: a file cannot be read.
    :raises NotFound: the workspace has no entries.
    """
    anchors = _anchors(arguments.anchor)
    if config is None:
        return _check_file(arguments.file, anchors)
    database = _database(config)
    chains = [arguments.workspace] if arguments.workspace else None
    if chains and not {*rows.chains(database), *anchors}.issuperset(chains):
        raise NotFound(f"audit entry of {_called(arguments.workspace)}")
    found = [_tell(each) for each in verify(database, anchors, chains)]
    return max(found, default=0)


def export(arguments: Namespace, config: Config) -> None:
    """Write a chain to standard output, with all that is needed to verify it elsewhere.

    :raises NotFound: the workspace has no entries.
    """
    database = _database(config)
    chain = arguments.workspace or NO_WORKSPACE
    written = audit_export.lines(database, chain, arguments.since, arguments.until)
    if written is None:
        raise NotFound(f"audit entry of {_called(chain)} in this time")
    for line in written:
        sys.stdout.write(line + "\n")


def _called(chain: str) -> str:
    return "the operators' trail" if chain == NO_WORKSPACE else f"workspaces/{chain}"


def _database(config: Config) -> Database:
    database = opened(config)
    migrate(database)
    return database


def _anchors(file: str | None) -> Anchors:
    if not file:
        return {}
    try:
        return read_anchors(Path(file).read_text().splitlines())
    except (OSError, UnicodeDecodeError):
        raise FileUnreadable(f"{file} cannot be read") from None


def _check_file(file: str, anchors: Anchors) -> int:
    try:
        with Path(file).open("rb") as lines:
            return _tell(audit_export.verify(lines, anchors))
    except OSError as error:
        raise FileUnreadable(f"{file} cannot be read ({error.strerror})") from None


def _tell(found: Checked | Fault) -> int:
    if isinstance(found, Fault):
        print(found, file=sys.stderr)
        return _BROKEN
    print(f"{found.chain or _NONE} {found.head.number} {found.head.hash}")
    return 0

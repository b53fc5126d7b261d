"""Whole workspaces: handed out as an archive, and erased."""

import contextlib
import os
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from syncline_server.app import Outside
from syncline_server.app.build import build_chain, load_catalogue
from syncline_server.app.workspaces import Workspaces, build_workspaces
from syncline_server.commands.acting import acting, operator
from syncline_server.commands.opening import opened
from syncline_server.config import Config
from syncline_server.core.erasure import Erasure
from syncline_server.core.errors import InvalidArgument, Violation
from syncline_server.core.names import parse_workspace
from syncline_server.storage.database import Database
from syncline_server.storage.schema import migrate


class FileRefused(Exception):  # noqa: N818 - a refusal, raised to whoever asked for the file
    """The archive cannot be written where it should go."""


def export(arguments: Namespace, config: Config) -> None:
    """Write a workspace's archive to a new file that is its owner's alone.

    :raises FileRefused: there is a file of this name, or none can be written.
    """
    workspace, target = _workspace(arguments.workspace), Path(arguments.out)
    database = _migrated(config)
    exports = _workspaces(config, database).exports
    name = f"workspaces/{workspace}"
    act = acting(database, "workspaces export", name, workspace=workspace)
    with new_file(target) as file, act:  # a name that is taken is no act
        exports.announce()
        files = exports.write(workspace, file, tell=_tell_file)
    print(f"{target}: {sum(each.count for each in files)} lines in {len(files)} files")


def erase(arguments: Namespace, config: Config) -> None:
    """Erase a workspace, or go on where an erasure ended, and print the receipt."""
    workspace = _workspace(arguments.workspace)
    if arguments.yes != workspace:
        raise _wrong("--yes", f"must repeat the workspace's id: {workspace}")
    database = _migrated(config)
    erasures = _workspaces(config, database).erasures
    with acting(database, "workspaces erase", f"workspaces/{workspace}", workspace=workspace):
        begun = erasures.begin(workspace, operator().subject)
    print(f"erasing {workspace}; what is interrupted goes on with the next start")
    finished = erasures.finish(begun, tell=_tell_deleted)
    _print_receipt(erasures.get(workspace, begun.id))
    if not finished:
        print("readers are in the way of the last step: a running server repeats it by itself")


def _migrated(config: Config) -> Database:
    database = opened(config)
    migrate(database)
    return database


def _workspaces(config: Config, database: Database) -> Workspaces:
    outside, catalogue = Outside(), load_catalogue(config)
    chain = build_chain(config, outside, database, catalogue)
    return build_workspaces(config, outside, database, catalogue, chain)


def _workspace(text: str) -> str:
    workspace = parse_workspace(f"workspaces/{text}")
    if workspace is None:
        raise _wrong("workspace", "is not a workspace id")
    return workspace


def nameless(folder: Path) -> IO[bytes] | None:
    """Return a file that has no name, and is gone with us; None where there is no such thing.

    See O_TMPFILE in https://man7.org/linux/man-pages/man2/open.2.html.
    """
    try:
        return os.fdopen(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600), "w+b")
    except (AttributeError, OSError):  # another system, or a file system that cannot
        return None


@contextlib.contextmanager
def new_file(
    target: Path, unnamed: Callable[[Path], IO[bytes] | None] = nameless
) -> Iterator[IO[bytes]]:
    """Yield a file that has the name only once it is whole; nothing is ever overwritten.

    :param unnamed: makes the file it is until then; where it cannot, that has a name beside.
    :raises FileRefused: there is a file of this name, or none can be written.
    """
    if target.exists():
        raise FileRefused(f"{target} exists: nothing is overwritten, choose another name")
    try:
        with _unfinished(target, unnamed) as (file, path):
            yield file
            file.flush()
            os.fsync(file.fileno())
            _link(path, target)
    except OSError as error:
        raise FileRefused(f"{target} cannot be written ({error.strerror})") from None


@contextlib.contextmanager
def _unfinished(
    target: Path, unnamed: Callable[[Path], IO[bytes] | None]
) -> Iterator[tuple[IO[bytes], Path]]:
    file = unnamed(target.parent)
    if file is not None:
        with file:
            yield file, Path(f"/proc/self/fd/{file.fileno()}")
        return
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with open(beside, "xb", opener=_private) as named:
            yield named, beside
    finally:
        beside.unlink(missing_ok=True)


def _link(path: Path, target: Path) -> None:
    """Give a file its name; unlike a rename, refused where somebody was faster."""
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        # With a folder it is linkat(2), which follows the link that stands for an open file.
        os.link(path, target.name, dst_dir_fd=folder)
    finally:
        os.close(folder)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _tell_file(path: str, count: int) -> None:
    print(f"  {path}: {count}", flush=True)


def _tell_deleted(erasure: Erasure) -> None:
    print(f"\r  {sum(erasure.row_counts.values())} rows deleted", end="", flush=True)


def _print_receipt(erasure: Erasure) -> None:
    print(f"\nreceipt: workspaces/{erasure.workspace}/erasures/{erasure.id}")
    for table, count in sorted(erasure.row_counts.items()):
        print(f"  {table:20} {count}")
    end = f"{erasure.finish_time:%Y-%m-%d %H:%M:%S} UTC" if erasure.finish_time else "not yet"
    print(f"  asked for {erasure.request_time:%Y-%m-%d %H:%M:%S} UTC, finished {end}")


def _wrong(field: str, description: str) -> InvalidArgument:
    return InvalidArgument([Violation(field=field, description=description)])

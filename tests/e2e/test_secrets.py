"""What a whole connection leaves behind on disk."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from local_stack import LocalStack
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow
JWT_START = b"eyJhbGciOi"


def left_behind(folder: Path) -> bytes:
    """Return the logs and the database, in one."""
    own = (path for path in folder.iterdir() if path.suffix in (".log", ".db", ".db-wal"))
    return b"".join(path.read_bytes() for path in own)


def test_secrets_stay_out_of_logs_and_rows(start_stack: Callable[..., LocalStack]) -> None:
    """No token, code or client secret is in a log or readable in the database."""
    stack: LocalStack = start_stack()
    workspace = Workspace(client=stack.client, id="quiet")
    stack.simulator.organisation("quiet", country="NZ", contacts=1, items=1)
    address = workspace.start_connection(stack.settings.redirect_uri)
    back = stack.simulator.approve_access(address, "quiet")
    stack.land(back).raise_for_status()
    organisation = workspace.get_connection().organisation.id
    (code,) = parse_qs(urlsplit(back).query)["code"]
    assert stack.stop("server") == 0
    text = left_behind(stack.settings.data_folder)
    assert organisation.encode() in text
    for secret in (JWT_START, code.encode(), b"syncline-local-secret"):
        assert secret not in text, secret


def test_the_key_is_its_owners_alone(start_stack: Callable[..., LocalStack]) -> None:
    """Others on the machine can read neither the key nor what is in the folder."""
    folder = start_stack().settings.data_folder
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "encryption.key").stat().st_mode & 0o777 == 0o600

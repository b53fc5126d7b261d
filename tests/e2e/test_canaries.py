"""Secrets are planted everywhere, everything goes wrong, and none of them is seen anywhere."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import syncline_client
from databases import PostgresqlServer
from identity_provider import IdentityProvider, listening
from local_stack import PATIENCE, wait_until
from planted import Planted, made_up, planted
from syncline.v1.integration_pb2 import (
    CheckParityRequest,
    CompleteConnectionRequest,
    Connection,
    StartConnectionRequest,
)
from syncline.v1.run_pb2 import Run
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow
ID = "canary"


@pytest.fixture
def issuer() -> Iterator[IdentityProvider]:
    """Whose signed tokens are taken."""
    with listening(lambda: datetime.now(UTC)) as provider:
        yield provider


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(
    request: pytest.FixtureRequest, tmp_path: Path, issuer: IdentityProvider
) -> Iterator[Planted]:
    """A server, or a server and a worker, with a console, full of planted secrets."""
    url = ""
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        url = server.empty()
    with planted(tmp_path / "data", url, issuer.issuer) as scene:
        yield scene


def test_no_secret_is_seen_anywhere(scene: Planted, issuer: IdentityProvider) -> None:
    """Not in logs, rows, files, answers, pages or process lists, whatever fails and dies."""
    workspace = Workspace(client=scene.stack.client, id=ID)
    scene.stack.simulator.organisation(ID, country="NZ", contacts=1, items=1)
    be_refused(scene)
    call_with_signed_tokens(scene, issuer)
    connect(scene, workspace)
    scene.keep_rows()
    fail_at_the_provider(scene, workspace)
    fail_in_a_plugin(scene, workspace)
    be_misconfigured(scene)
    scene.keep_processes()
    scene.keep_rows()
    be_handed_out(scene)
    disconnect(scene, workspace)
    die(scene)
    scene.keep_rows()

    assert len(scene.xero.secrets) > 8
    assert scene.leaks() == []
    assert list(scene.folder.rglob("core*")) == []
    for file in scene.folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0 or file.name == "simulator.json", file


def planted_in(scene: Planted, kind: str) -> str:
    """Return a new secret that must be seen nowhere."""
    secret = made_up(kind)
    scene.secrets.add(secret)
    return secret


def calling(address: str, token: str) -> syncline_client.Client:
    """Return a client with a token; close it after use."""
    return syncline_client.connect(address, token=token, timeout=PATIENCE)


def be_refused(scene: Planted) -> None:
    """Call with wrong credentials, and with secrets in fields where they are of no use."""
    address, wrong = str(scene.stack.settings.server), planted_in(scene, "bearer")
    with calling(address, wrong) as stranger, scene.refused():
        Workspace(client=stranger, id=ID).get_connection()
    calls = scene.stack.client.integrations
    state, code = planted_in(scene, "state"), planted_in(scene, "code")
    with scene.refused():
        calls.CompleteConnection(CompleteConnectionRequest(state=state, code=code))
    with scene.refused():
        calls.CompleteConnection(CompleteConnectionRequest(state=state, code=code, error="both"))
    redirect = f"https://nowhere.example/?token={planted_in(scene, 'redirect')}"
    with scene.refused():
        calls.StartConnection(
            StartConnectionRequest(
                parent=f"workspaces/{ID}", provider="xero", redirect_uri=redirect
            )
        )
    landing = scene.stack.settings.redirect_uri
    said = planted_in(scene, "description")
    assert scene.look_at(f"{landing}?state={state}&error=x&error_description={said}") == 409
    assert scene.look_at(f"{landing}?state={state}&code={code}&error={said}") == 400
    assert scene.look_at(f"{landing}?code={code}") == 400
    assert scene.call_webhook(planted_in(scene, "body").encode(), planted_in(scene, "sign")) == 401


def call_with_signed_tokens(scene: Planted, issuer: IdentityProvider) -> None:
    """Change something with a token that is good, and call with some that are not."""
    address, role = str(scene.stack.settings.server), f"{ID}:admin"
    good, late = issuer.token([role]), issuer.token([role], exp=1)
    head, body, signature = good.split(".")
    spoiled = f"{head}.{body}.{signature[::-1]}"
    scene.secrets |= {good, late, spoiled}
    with calling(address, good) as mia:
        Workspace(client=mia, id=ID).disconnect()
    for wrong in (late, spoiled):
        with calling(address, wrong) as stranger, scene.refused():
            Workspace(client=stranger, id=ID).get_connection()


def be_handed_out(scene: Planted) -> None:
    """Hand out the trails, and all of the workspace."""
    before = len(scene.told)
    assert scene.command("audit", "export") == 0
    assert scene.command("audit", "export", "--workspace", ID) == 0
    scene.keep_archive(ID)
    handed_out = "".join(scene.told[before:])
    assert "mia@acme.example" in handed_out
    assert f"workspaces/{ID}/connections/xero" in handed_out


def connect(scene: Planted, workspace: Workspace) -> None:
    """Connect after a code that is wrong, one the endpoint fails on, and one used twice."""
    landing = scene.stack.settings.redirect_uri
    (state,) = state_of(scene.begin(workspace))
    wrong = planted_in(scene, "code")
    assert scene.look_at(f"{landing}?state={state}&code={wrong}") == 409
    for status, page in ((500, 503), (401, 502)):
        back = scene.approved(scene.begin(workspace), ID)
        scene.xero.refusals["/connect/token"] = status
        assert scene.look_at(back) == page
        scene.xero.refusals.clear()
    back = scene.approved(scene.begin(workspace), ID)
    assert scene.look_at(back) == 200
    assert scene.look_at(back) == 409
    assert workspace.get_connection().state == Connection.STATE_CONNECTED
    workspace.set_toggles(contacts=True)
    assert ended(scene, workspace, "contacts").state == Run.STATE_SUCCEEDED


def state_of(address: str) -> list[str]:
    """Return the state of an address where a person approves."""
    return [part[6:] for part in address.split("?")[1].split("&") if part.startswith("state=")]


def ended(scene: Planted, workspace: Workspace, module: str) -> Run:
    """Run a module to its end, and keep what it tells."""
    *_, last = workspace.watch(workspace.trigger(module))
    scene.told += [str(last), *map(str, workspace.issues(last))]
    return last


def fail_at_the_provider(scene: Planted, workspace: Workspace) -> None:
    """Have calls and renewals refused with answers that repeat all that was sent."""
    request = CheckParityRequest(connection=workspace.connection, module="contacts")
    for status in (400, 403, 404, 500):
        scene.xero.refusals = {"/Contacts": status}
        with scene.refused():
            workspace.client.integrations.CheckParity(request, timeout=PATIENCE)
    for status in (500, 401):
        scene.xero.refusals = {"/connect/token": status}
        scene.stack.control("POST", "/faults", {"kind": "token-expired", "path": "Contacts"})
        with scene.refused():
            workspace.client.integrations.CheckParity(request, timeout=PATIENCE)
    scene.xero.refusals.clear()


def fail_in_a_plugin(scene: Planted, workspace: Workspace) -> None:
    """Have a plugin put what it knows, and what was echoed to it, into an exception."""
    wait_until(lambda: is_well(workspace), "a renewal goes through again")
    workspace.set_toggles(items=True)
    scene.xero.refusals = {"/TaxRates": 400}
    crashed = ended(scene, workspace, "tax_rates")
    assert crashed.state == Run.STATE_FAILED
    assert "MODULE_CRASHED" in str(crashed.error)
    scene.xero.refusals.clear()
    logs = "".join((scene.folder / f"{name}.log").read_text() for name in scene.servers)
    assert "run_crashed" in logs
    assert "was answered" in logs


def is_well(workspace: Workspace) -> bool:
    """Return whether the provider can be called."""
    request = CheckParityRequest(connection=workspace.connection, module="contacts")
    try:
        workspace.client.integrations.CheckParity(request, timeout=PATIENCE)
    except syncline_client.SynclineError:
        return False
    return True


def be_misconfigured(scene: Planted) -> None:
    """Start commands with secrets where they are wrong."""
    url = f"postgresql://me:{planted_in(scene, 'password')}@127.0.0.1:1/name"
    assert scene.command("check", SYNCLINE_DATABASE_URL=url) == 2
    url = f"mysql://me:{planted_in(scene, 'password')}@127.0.0.1:1/name"
    assert scene.command("check", SYNCLINE_DATABASE_URL=url) == 2
    key, none = planted_in(scene, "key"), ""
    assert (
        scene.command("check", SYNCLINE_ENCRYPTION_KEYS=key, SYNCLINE_ENCRYPTION_KEYS_FILE=none)
        == 2
    )
    program = f"sh -c 'echo {planted_in(scene, 'output')}; echo {key} >&2; exit 3'"
    command = {"SYNCLINE_ENCRYPTION_KEYS_COMMAND": program}
    assert scene.command("check", SYNCLINE_ENCRYPTION_KEYS_FILE=none, **command) == 2
    assert scene.command("check") == 0
    assert scene.command("keys", "list") == 0
    assert scene.command("tokens", "list") == 0


def disconnect(scene: Planted, workspace: Workspace) -> None:
    """Give the access back to a provider that refuses it with an echo."""
    scene.xero.refusals = {"/connections": 500}
    scene.told.append(str(workspace.disconnect()))
    scene.xero.refusals.clear()


def die(scene: Planted) -> None:
    """Have processes crash and be killed, with everything in their memory."""
    for name in scene.servers:
        os.kill(scene.stack.process_id(name), signal.SIGABRT)
        wait_until(lambda name=name: "Fatal Python error" in log(scene, name), f"{name} aborts")
    scene.stack.kill("console")


def log(scene: Planted, name: str) -> str:
    """Return what a program has printed."""
    return (scene.folder / f"{name}.log").read_text()

from collections.abc import Callable, Iterator
from datetime import timedelta

import grpc
import pytest

from ledger import REDIRECT
from syncline.v1 import integration_pb2 as pb
from syncline.v1 import run_pb2, workspace_pb2
from syncline_client import (
    Client,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unauthenticated,
)
from syncline_server.core.access import Role
from syncline_server.services.access_tokens import REMEMBERED
from syncline_server.storage import access_tokens as rows
from wiring import ACME, GLOBEX, Served

NAME = "workspaces/acme/connections/ledger"
As = Callable[..., Client]


@pytest.fixture
def acting(guarded: Served) -> Iterator[As]:
    """Gives a client with a new token of a role."""
    clients: list[Client] = []

    def act(role: Role, *workspaces: str) -> Client:
        clients.append(guarded.client(guarded.wired.token(role, *workspaces)))
        return clients[-1]

    yield act
    for each in clients:
        each.close()


def get(client: Client, name: str = NAME) -> pb.Connection:
    """Read a connection."""
    return client.integrations.GetConnection(pb.GetConnectionRequest(name=name)).connection


def trigger(client: Client) -> None:
    """Ask for a run."""
    client.integrations.TriggerSync(pb.TriggerSyncRequest(connection=NAME, module="contacts"))


def test_call_without_credentials_is_refused(guarded: Served) -> None:
    """Without a token the answer is UNAUTHENTICATED (CREDENTIALS_MISSING)."""
    with guarded.client() as client, pytest.raises(Unauthenticated) as refusal:
        get(client)

    assert refusal.value.reason == "CREDENTIALS_MISSING"


@pytest.mark.parametrize("value", ["Bearer made-up", "Basic abc", "Bearer ", "made-up"])
def test_bad_credentials_are_refused(guarded: Served, value: str) -> None:
    """An unknown token and a malformed header are CREDENTIALS_INVALID, and not repeated."""
    with guarded.client() as client, pytest.raises(Unauthenticated) as refusal:
        client.integrations.GetConnection(
            pb.GetConnectionRequest(name=NAME), metadata=(("authorization", value),)
        )

    assert refusal.value.reason == "CREDENTIALS_INVALID"
    assert "made-up" not in refusal.value.message


def test_revoked_token_opens_nothing(guarded: Served) -> None:
    """A revoked token is refused at once by the process that revoked it."""
    secret = guarded.wired.token(Role.VIEWER, "acme")
    with guarded.client(secret) as client:
        get(client)
        (token,) = guarded.wired.tokens.list()
        guarded.wired.tokens.revoke(token.id)

        with pytest.raises(Unauthenticated):
            get(client)


def test_token_works_until_it_expires(guarded: Served) -> None:
    """Tokens are looked at against the clock with every call, remembered or not."""
    with guarded.client(guarded.wired.token(Role.VIEWER, "acme")) as client:
        get(client)
        guarded.wired.clock.advance(seconds=REMEMBERED / timedelta(seconds=1) + 1)

        assert get(client).name == NAME


def test_roles_include_the_ones_before(acting: As) -> None:
    """A viewer reads, an operator also starts runs, an admin also connects."""
    viewer, operator, admin = (
        acting(role, "acme") for role in (Role.VIEWER, Role.OPERATOR, Role.ADMIN)
    )
    start = pb.StartConnectionRequest(
        parent="workspaces/acme", provider="ledger", redirect_uri=REDIRECT
    )

    for client in (viewer, operator, admin):
        assert get(client).name == NAME
    with pytest.raises(PermissionDenied):
        trigger(viewer)
    for client in (operator, admin):
        with pytest.raises(FailedPrecondition):
            trigger(client)
    with pytest.raises(PermissionDenied):
        operator.integrations.StartConnection(start)
    assert admin.integrations.StartConnection(start).state


def test_another_workspace_is_denied_whether_it_has_anything_or_not(
    guarded: Served, acting: As
) -> None:
    """What exists elsewhere and what does not are refused in the same words."""
    guarded.wired.connect()
    client = acting(Role.ADMIN, "globex")

    messages = set()
    for name in (NAME, "workspaces/acme/connections/nobody"):
        with pytest.raises(PermissionDenied) as refusal:
            get(client, name)
        messages.add((refusal.value.message, refusal.value.reason, *refusal.value.metadata))

    assert messages == {
        ("These credentials are not for this workspace.", "PERMISSION_DENIED"),
    }


def test_permission_comes_before_existence(acting: As) -> None:
    """A run of another workspace is denied, a run of one's own that is not there not found."""
    client = acting(Role.VIEWER, "globex")

    with pytest.raises(PermissionDenied):
        client.runs.GetRun(run_pb2.GetRunRequest(name="workspaces/acme/runs/1"))
    with pytest.raises(NotFound):
        client.runs.GetRun(run_pb2.GetRunRequest(name="workspaces/globex/runs/1"))


def test_service_may_span_all_workspaces(acting: As) -> None:
    """A token of the role SERVICE without workspaces works in every one."""
    client = acting(Role.SERVICE)

    for workspace in ("acme", "globex"):
        name = f"workspaces/{workspace}/connections/ledger"
        assert get(client, name).name == name


def test_consent_belongs_to_who_started_it(guarded: Served, acting: As) -> None:
    """Another caller's state is unknown, and stays good for its own."""
    mine, other = acting(Role.ADMIN, "acme"), acting(Role.ADMIN, "acme", "globex")
    start = pb.StartConnectionRequest(
        parent="workspaces/acme", provider="ledger", redirect_uri=REDIRECT
    )
    started = mine.integrations.StartConnection(start)
    code = guarded.wired.ledger.consent(started.authorization_url, "mia", "kauri")
    request = pb.CompleteConnectionRequest(state=started.state, code=code)

    with pytest.raises(FailedPrecondition) as refusal:
        other.integrations.CompleteConnection(request)

    assert refusal.value.reason == "STATE_UNKNOWN"
    answer = mine.integrations.CompleteConnection(request)
    assert answer.connection.state == pb.Connection.STATE_CONNECTED


def test_consent_is_not_completed_by_a_viewer_or_a_revoked_token(
    guarded: Served, acting: As
) -> None:
    """Who may not connect does not end somebody else's way, and it stays good."""
    admin, viewer = acting(Role.ADMIN, "acme"), acting(Role.VIEWER, "acme")
    start = pb.StartConnectionRequest(
        parent="workspaces/acme", provider="ledger", redirect_uri=REDIRECT
    )
    started = [admin.integrations.StartConnection(start) for _ in range(2)]
    code = guarded.wired.ledger.consent(started[0].authorization_url, "mia", "kauri")
    request = pb.CompleteConnectionRequest(state=started[0].state, code=code)

    with pytest.raises(PermissionDenied):
        viewer.integrations.CompleteConnection(request)
    assert admin.integrations.CompleteConnection(request).connection.organisation.id == "kauri"

    token = next(each for each in guarded.wired.tokens.list() if each.role is Role.ADMIN)
    guarded.wired.tokens.revoke(token.id)
    with pytest.raises(Unauthenticated):
        admin.integrations.CompleteConnection(
            pb.CompleteConnectionRequest(state=started[1].state, code=code)
        )


def test_consent_is_bound_to_a_browser(guarded: Served, acting: As) -> None:
    """What the front-end put into the browser has to come back, over the wire as in the service."""
    admin = acting(Role.ADMIN, "acme")
    start = pb.StartConnectionRequest(
        parent="workspaces/acme",
        provider="ledger",
        redirect_uri=REDIRECT,
        browser_binding="b" * 43,
    )
    started = admin.integrations.StartConnection(start)
    code = guarded.wired.ledger.consent(started.authorization_url, "mia", "kauri")
    request = pb.CompleteConnectionRequest(state=started.state, code=code)

    with pytest.raises(FailedPrecondition) as refusal:
        admin.integrations.CompleteConnection(request)
    request.browser_binding = start.browser_binding

    assert refusal.value.reason == "STATE_UNKNOWN"
    assert admin.integrations.CompleteConnection(request).connection.organisation.id == "kauri"


@pytest.mark.parametrize("binding", ["short", "b" * 201, "b" * 21, f"{'b' * 30} b", "ü" * 30])
def test_binding_that_could_be_guessed_is_refused(acting: As, binding: str) -> None:
    """Fewer characters than 128 bits take are no secret, and too many are no cookie."""
    start = pb.StartConnectionRequest(
        parent="workspaces/acme", provider="ledger", redirect_uri=REDIRECT, browser_binding=binding
    )

    with pytest.raises(InvalidArgument) as refusal:
        acting(Role.ADMIN, "acme").integrations.StartConnection(start)

    assert refusal.value.metadata["fields"] == "browser_binding"


def test_requester_of_a_run_is_named(guarded: Served, acting: As) -> None:
    """``requested_by`` is the title of the credentials."""
    guarded.wired.connect()
    guarded.wired.switch_on("contacts")
    client = acting(Role.OPERATOR, "acme")

    request = pb.TriggerSyncRequest(connection=NAME, module="contacts")

    assert client.integrations.TriggerSync(request).run.requested_by == "OPERATOR token"


def test_watching_ends_when_the_token_is_revoked(guarded: Served) -> None:
    """An open stream sends nothing more to a revoked token."""
    with guarded.client(guarded.wired.token(Role.VIEWER, "acme")) as client:
        stream = client.integrations.WatchConnection(pb.WatchConnectionRequest(name=NAME))
        next(stream)
        (token,) = guarded.wired.tokens.list()
        guarded.wired.tokens.revoke(token.id)
        guarded.wired.connect()

        with pytest.raises(Unauthenticated):
            next(stream)


def test_idle_watch_ends_when_the_token_is_revoked_elsewhere(guarded: Served) -> None:
    """A stream with nothing to send ends, too, once its token is looked at again."""
    with guarded.client(guarded.wired.token(Role.VIEWER, "acme")) as client:
        request = pb.WatchConnectionRequest(name=NAME)
        stream = client.integrations.WatchConnection(request, timeout=60)
        next(stream)
        (token,) = guarded.wired.tokens.list()
        rows.revoke(guarded.wired.database, token.id, guarded.wired.clock())
        guarded.wired.callers.look()
        assert len(guarded.wired.callers.streams) == 1
        guarded.wired.clock.advance(seconds=REMEMBERED / timedelta(seconds=1))

        guarded.wired.callers.look()

        with pytest.raises(Unauthenticated):
            next(stream)
        assert len(guarded.wired.callers.streams) == 0


def test_watching_ends_when_the_token_loses_the_workspace(guarded: Served, acting: As) -> None:
    """Credentials that an erasure leaves for elsewhere see nothing of who comes after it."""
    wired = guarded.wired
    client = acting(Role.ADMIN, "acme", "globex")
    stream = client.integrations.WatchConnection(pb.WatchConnectionRequest(name=NAME), timeout=60)
    other = client.integrations.WatchConnection(pb.WatchConnectionRequest(name=str(GLOBEX)))
    next(stream)
    next(other)
    erase = workspace_pb2.EraseWorkspaceRequest(name="workspaces/acme", confirm="acme")
    client.workspaces.EraseWorkspace(erase)
    wired.workspaces.erasures.go_on()
    wired.clock.advance(seconds=REMEMBERED / timedelta(seconds=1))

    for key in (ACME, GLOBEX):
        wired.connect(key, organisation=key.workspace)

    with pytest.raises(PermissionDenied):
        while next(stream).connection.state != pb.Connection.STATE_CONNECTED:
            pass
    assert next(other).connection.state == pb.Connection.STATE_CONNECTED


def test_token_of_named_workspaces_is_for_these(acting: As) -> None:
    """A service of two workspaces is denied the third."""
    client = acting(Role.SERVICE, "acme", "globex")

    assert get(client, "workspaces/globex/connections/ledger")
    with pytest.raises(PermissionDenied):
        get(client, "workspaces/umbrella/connections/ledger")


def test_health_needs_no_credentials(guarded: Served) -> None:
    """Probes bring no token."""
    with guarded.channel() as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")

        assert check(b"", timeout=60) is not None


def test_unknown_method_is_unimplemented(guarded: Served) -> None:
    """A method that does not exist says so, without asking who calls."""
    with guarded.channel() as channel, pytest.raises(grpc.RpcError) as error:
        channel.unary_unary("/syncline.v1.RunService/Guess")(b"", timeout=60)

    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED

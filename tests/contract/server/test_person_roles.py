"""What a service may do for a person is what the person may do."""

from collections.abc import Callable

import pytest

from auditing import entries
from ledger import REDIRECT
from syncline.v1 import integration_pb2 as pb
from syncline_client import (
    Client,
    FailedPrecondition,
    InvalidArgument,
    PermissionDenied,
    on_behalf_of,
)
from syncline_server.core.access import Role
from wiring import GLOBEX, ORGANISATION, Served

NAME = "workspaces/acme/connections/ledger"
THERE = "workspaces/globex/connections/ledger"
BROWSER = "a-secret-of-one-browser-alone"


def test_a_person_may_do_what_their_role_allows(guarded: Served, service: Client) -> None:
    """An operator starts a run and changes no settings; a viewer looks."""
    guarded.wired.connect()
    guarded.wired.switch_on("contacts")
    operator = on_behalf_of("u-17", "Mia", role="operator")
    viewer = on_behalf_of("u-18", "Ben", role="viewer")
    trigger = pb.TriggerSyncRequest(connection=NAME, module="contacts")
    look = pb.GetConnectionRequest(name=NAME)

    assert service.integrations.GetConnection(look, metadata=viewer).connection.name == NAME
    with pytest.raises(PermissionDenied):
        service.integrations.TriggerSync(trigger, metadata=viewer)
    assert service.integrations.TriggerSync(trigger, metadata=operator).run.name
    with pytest.raises(PermissionDenied):
        service.integrations.Disconnect(pb.DisconnectRequest(name=NAME), metadata=operator)


def test_an_admin_may_do_all_that_the_service_may(guarded: Served, service: Client) -> None:
    """The highest role takes nothing away, also where the credentials are a service's."""
    guarded.wired.connect()
    admin = on_behalf_of("u-17", role="admin", workspace="acme")

    service.integrations.Disconnect(pb.DisconnectRequest(name=NAME), metadata=admin)


def test_refusal_reads_as_for_credentials_of_the_role(
    service: Client, acting: Callable[..., Client]
) -> None:
    """Nobody learns from the words whether the person or the credentials fell short."""
    request = pb.DisconnectRequest(name=NAME)
    with pytest.raises(PermissionDenied) as by_person:
        service.integrations.Disconnect(request, metadata=on_behalf_of("u-18", role="viewer"))
    with pytest.raises(PermissionDenied) as by_credentials:
        acting(Role.VIEWER, "acme").integrations.Disconnect(request)

    assert by_person.value.message == by_credentials.value.message
    assert by_person.value.reason == by_credentials.value.reason == "PERMISSION_DENIED"


def test_a_role_of_one_workspace_opens_no_other(service: Client) -> None:
    """A person who is an admin in one workspace is a stranger in the others."""
    admin = on_behalf_of("u-17", role="admin", workspace="acme")

    assert service.integrations.GetConnection(pb.GetConnectionRequest(name=NAME), metadata=admin)
    with pytest.raises(PermissionDenied):
        service.integrations.GetConnection(pb.GetConnectionRequest(name=THERE), metadata=admin)


def test_a_person_never_adds_to_the_credentials(acting: Callable[..., Client]) -> None:
    """A service of one workspace gets into no other, whatever it says of a person."""
    here = acting(Role.SERVICE, "acme")
    request = pb.GetConnectionRequest(name=THERE)
    for person in (on_behalf_of("u-17", role="admin"), on_behalf_of("u-17", workspace="globex")):
        with pytest.raises((PermissionDenied, InvalidArgument)):
            here.integrations.GetConnection(request, metadata=person)


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ((("x-syncline-person-role", "owner"),), "x-syncline-person-role"),
        ((("x-syncline-person-role", "ADMIN"),), "x-syncline-person-role"),
        ((("x-syncline-person-role", "service"),), "x-syncline-person-role"),
        ((("x-syncline-person-role", ""),), "x-syncline-person-role"),
        (
            (("x-syncline-person-role", "admin"), ("x-syncline-person-role", "viewer")),
            "x-syncline-person-role",
        ),
        ((("x-syncline-person-workspace", "acme"),), "x-syncline-person-role"),
        (
            (("x-syncline-person-role", "admin"), ("x-syncline-person-workspace", "A C")),
            "x-syncline-person-workspace",
        ),
        (
            (
                ("x-syncline-person-role", "admin"),
                ("x-syncline-person-workspace", "acme"),
                ("x-syncline-person-workspace", "globex"),
            ),
            "x-syncline-person-workspace",
        ),
    ],
    ids=["none", "upper", "service", "empty", "two", "no-role", "no-workspace", "two-workspaces"],
)
def test_a_role_that_cannot_be_read_is_refused(
    guarded: Served, service: Client, extra: tuple[tuple[str, str], ...], field: str
) -> None:
    """It is never taken for no limit at all, and the entry says that nothing was done."""
    metadata = (("x-syncline-person", "u-17"), *extra)
    with pytest.raises(InvalidArgument) as refused:
        service.integrations.Disconnect(pb.DisconnectRequest(name=NAME), metadata=metadata)

    assert [each.field for each in refused.value.violations] == [field]
    assert entries(guarded.wired.database)[0].code == "INVALID_ARGUMENT"


def test_a_role_without_a_person_is_refused(service: Client) -> None:
    """Who it is about has to be said, too."""
    with pytest.raises(InvalidArgument) as refused:
        service.integrations.GetConnection(
            pb.GetConnectionRequest(name=NAME), metadata=(("x-syncline-person-role", "viewer"),)
        )

    assert [each.field for each in refused.value.violations] == ["x-syncline-person"]


def test_only_a_service_says_roles(acting: Callable[..., Client]) -> None:
    """Other credentials are refused, as with a person's name."""
    with pytest.raises(InvalidArgument):
        acting(Role.ADMIN, "acme").integrations.GetConnection(
            pb.GetConnectionRequest(name=NAME), metadata=on_behalf_of("u-17", role="viewer")
        )


def test_refusal_names_person_and_credentials(guarded: Served, service: Client) -> None:
    """The trail shows who tried what through which credentials."""
    mia = on_behalf_of("u-17", "Mia", role="viewer", workspace="acme")
    with pytest.raises(PermissionDenied):
        service.integrations.Disconnect(pb.DisconnectRequest(name=NAME), metadata=mia)

    (entry,) = entries(guarded.wired.database)
    assert (entry.code, entry.actor.person_id, entry.actor.title) == (
        "PERMISSION_DENIED",
        "u-17",
        "SERVICE token",
    )


def test_a_consent_needs_the_role_in_its_own_workspace(guarded: Served, service: Client) -> None:
    """Somebody who is no admin where a consent is for cannot complete it, and leaves it good."""
    start = pb.StartConnectionRequest(
        parent=f"workspaces/{GLOBEX.workspace}",
        provider=GLOBEX.provider,
        redirect_uri=REDIRECT,
        browser_binding=BROWSER,
    )
    started = service.integrations.StartConnection(
        start, metadata=on_behalf_of("u-17", role="admin", workspace="globex")
    )
    code = guarded.wired.ledger.consent(started.authorization_url, "mia", ORGANISATION)
    back = pb.CompleteConnectionRequest(state=started.state, code=code, browser_binding=BROWSER)

    for person in (
        on_behalf_of("u-18", role="operator"),
        on_behalf_of("u-18", role="admin", workspace="acme"),
    ):
        with pytest.raises((PermissionDenied, FailedPrecondition)) as refused:
            service.integrations.CompleteConnection(back, metadata=person)
        assert refused.value.reason in ("PERMISSION_DENIED", "STATE_UNKNOWN")
    admin = on_behalf_of("u-17", role="admin")
    done = service.integrations.CompleteConnection(back, metadata=admin)
    assert done.connection.name == THERE


def test_an_open_watch_keeps_to_the_role(service: Client) -> None:
    """A watch that is let in for a person of one workspace shows that one and no other."""
    viewer = on_behalf_of("u-18", role="viewer", workspace="acme")
    watch = service.integrations.WatchConnection
    seen = watch(pb.WatchConnectionRequest(name=NAME), metadata=viewer)
    assert next(iter(seen)).connection.name == NAME
    seen.cancel()
    with pytest.raises(PermissionDenied):
        next(iter(watch(pb.WatchConnectionRequest(name=THERE), metadata=viewer)))

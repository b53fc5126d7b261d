import pytest

from syncline_server.core.access import Identity, Limit, Role


def test_role_is_held_by_workspace() -> None:
    """A person is what they are in each workspace, and nothing in the others."""
    mia = Identity(subject="mia", title="mia", roles={"acme": Role.ADMIN, "beta": Role.VIEWER})

    assert [mia.role_in(each) for each in ("acme", "beta", "gamma")] == [
        Role.ADMIN,
        Role.VIEWER,
        None,
    ]
    assert mia.may(Role.OPERATOR, "acme")
    assert not mia.may(Role.OPERATOR, "beta")
    assert not mia.may(Role.VIEWER, "gamma")
    assert mia.highest is Role.ADMIN


def test_role_may_be_held_everywhere() -> None:
    """Whoever spans all workspaces has the role in each that is not named otherwise."""
    erp = Identity(subject="erp", title="erp", everywhere=Role.SERVICE)

    assert erp.may(Role.ADMIN, "anything")
    assert erp.has(Role.SERVICE)


def test_nobody_holds_nothing() -> None:
    """Good credentials may be for no workspace at all."""
    nobody = Identity(subject="nobody", title="nobody")

    assert nobody.highest is None
    assert not nobody.has(Role.VIEWER)


@pytest.mark.parametrize(
    ("held", "limit", "left"),
    [
        (Role.SERVICE, Role.ADMIN, Role.ADMIN),
        (Role.SERVICE, Role.VIEWER, Role.VIEWER),
        (Role.ADMIN, Role.OPERATOR, Role.OPERATOR),
        (Role.OPERATOR, Role.ADMIN, Role.OPERATOR),
        (Role.VIEWER, Role.VIEWER, Role.VIEWER),
    ],
)
def test_a_limit_takes_away_and_never_adds(held: Role, limit: Role, left: Role) -> None:
    """What is left is the lesser of the two, everywhere and in each workspace."""
    found = Identity(subject="erp", title="ERP", roles={"acme": held}, everywhere=held).within(
        Limit(role=limit)
    )

    assert (found.role_in("acme"), found.role_in("globex")) == (left, left)
    assert (found.subject, found.is_service) == ("erp", False)


def test_a_limit_of_one_workspace_leaves_no_other() -> None:
    """Only there the role is held, and only if the credentials hold one."""
    service = Identity(subject="erp", title="ERP", roles={"acme": Role.SERVICE})

    here = service.within(Limit(role=Role.VIEWER, workspace="acme"))
    assert (here.role_in("acme"), here.role_in("globex")) == (Role.VIEWER, None)
    there = service.within(Limit(role=Role.ADMIN, workspace="globex"))
    assert (there.highest, there.role_in("globex")) == (None, None)

from syncline_server.core.access import Identity, Role


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

"""/connections."""

from simulator_driver import SimulatorDriver


def _delete(driver: SimulatorDriver, connection_id: str) -> int:
    headers = {"Authorization": f"Bearer {driver.token}"}
    return driver.http.delete(f"/connections/{connection_id}", headers=headers).status_code


def test_a_connection_is_a_bare_camel_case_object(xero: SimulatorDriver) -> None:
    """Its id differs from the tenant id, its stamps have seven digits and no zone."""
    found = xero.connections()[0]

    assert {
        "id", "authEventId", "tenantId", "tenantType", "tenantName", "createdDateUtc",
        "updatedDateUtc",
    } == set(found)  # fmt: skip
    assert found["id"] != found["tenantId"]
    assert found["createdDateUtc"] == "2026-10-01T12:00:00.0000000"


def test_disconnecting_needs_the_connections_own_id(xero: SimulatorDriver) -> None:
    """The id gives 204 once; tenant and event ids 403; an unknown id 404."""
    found = xero.connections()[0]

    assert _delete(xero, found["tenantId"]) == 403
    assert _delete(xero, found["authEventId"]) == 403
    assert _delete(xero, "11111111-1111-4111-8111-111111111111") == 404
    assert _delete(xero, found["id"]) == 204
    assert _delete(xero, found["id"]) == 404
    assert xero.connections() == []
    assert xero.call("GET", "Organisation").status_code == 403


def test_somebody_elses_connection_cannot_be_removed(fresh: SimulatorDriver) -> None:
    """Another person's connection is out of reach."""
    fresh.connect(user="jack@southerncross.example")
    other = fresh.connections()[0]["id"]
    fresh.connect(user="mia@harbour.example")

    assert _delete(fresh, other) == 403


def test_connecting_again_moves_the_event_and_keeps_the_id(xero: SimulatorDriver) -> None:
    """A second consent updates the connection that is there."""
    before = xero.connections()[0]
    xero.clock.advance(60)
    xero.connect()
    after = xero.connections()[0]

    assert before["id"] == after["id"]
    assert before["authEventId"] != after["authEventId"]
    assert before["createdDateUtc"] < after["updatedDateUtc"]


def test_connecting_again_may_keep_the_event(xero: SimulatorDriver) -> None:
    """With the switch the filtered list of the new event is empty."""
    xero.switch(reconsent_keeps_auth_event=True)
    before = xero.connections()[0]
    xero.connect()

    assert before["authEventId"] == xero.connections()[0]["authEventId"]


def test_a_reconnected_organisation_may_get_a_new_id(xero: SimulatorDriver) -> None:
    """After a disconnect the id comes back, or with the switch a new one."""
    first = xero.connections()[0]["id"]
    _delete(xero, first)
    xero.connect()
    second = xero.connections()[0]["id"]
    xero.switch(reconnect_keeps_connection_id=False)
    _delete(xero, second)
    xero.connect()

    assert first == second
    assert first != xero.connections()[0]["id"]


def test_connections_need_a_bearer_token(fresh: SimulatorDriver) -> None:
    """Without a token both methods answer 401."""
    assert fresh.http.get("/connections").status_code == 401
    assert fresh.http.delete("/Connections/x").status_code == 401

"""Watching on an event loop, before a real server."""

import asyncio
from contextlib import aclosing

import pytest

from fake_provider import FAKE
from syncline.v1.integration_pb2 import Connection, WatchConnectionResponse
from syncline_client import InvalidArgument, SynclineError, Unauthenticated, Unavailable
from syncline_server.core.access import Role
from syncline_server.storage.database import Database
from wiring import ACME, Wired, Wishes, served

NAME = f"workspaces/acme/connections/{FAKE}"


async def first(address_of: Wired, token: str, name: str = NAME) -> WatchConnectionResponse:
    """Return the first answer a caller with this token gets."""
    with served(address_of) as server, server.client(token) as client:
        try:
            async with aclosing(client.watches.connection(name)) as answers:
                return await anext(answers)
        finally:
            await client.watches.close()


def test_watch_is_made_with_the_clients_token(database: Database) -> None:
    """The same credentials count as for every other call of the client."""
    wired = Wired(database, Wishes(with_tokens=True))
    wired.connect(ACME)
    answer = asyncio.run(first(wired, wired.token(Role.VIEWER, "acme")))
    assert answer.connection.state == Connection.STATE_CONNECTED


@pytest.mark.parametrize(
    ("token", "name", "kind"),
    [("wrong", NAME, Unauthenticated), ("", "workspaces/acme", InvalidArgument)],
    ids=["token", "name"],
)
def test_refusal_is_one_of_the_clients_errors(
    database: Database, token: str, name: str, kind: type[SynclineError]
) -> None:
    """A watch that is refused raises what any call would, with the id it was made under."""
    wired = Wired(database, Wishes(with_tokens=True))
    with pytest.raises(kind) as raised:
        asyncio.run(first(wired, token or wired.token(Role.VIEWER, "acme"), name))
    assert raised.value.request_id


def test_server_that_is_not_there_is_unavailable(database: Database) -> None:
    """Where nobody answers, the watch says so and leaves trying again to its user."""

    async def ask() -> None:
        with served(Wired(database)) as server:
            client = server.client()
        with client:
            try:
                await anext(client.watches.connection(NAME))
            finally:
                await client.watches.close()

    with pytest.raises(Unavailable):
        asyncio.run(ask())

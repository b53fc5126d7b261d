"""Asking a provider to create a record, or whether it holds it, for one creation."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import httpx

from syncline_sdk import Contact, CreateContext, Creator, Item, ModuleSpec, RunStopped
from syncline_server.core import option_values
from syncline_server.core.clock import Clock
from syncline_server.core.creation import Content, Creation
from syncline_server.core.model import ConnectionRow
from syncline_server.core.names import Connection, Scope
from syncline_server.outbound.clients import timeout
from syncline_server.services.chain import Chain
from syncline_server.services.creation_hand import Hand
from syncline_server.services.provider_clients import Manner, ProviderClients
from syncline_server.storage import connections
from syncline_server.storage import settings as settings_rows
from syncline_server.storage.database import Database

AnyCreator = Creator[object, Contact | Item]


@dataclass(frozen=True, kw_only=True)
class Door:
    """A module's way to create one record, open for one creation."""

    creator: AnyCreator
    context: CreateContext
    content: Content

    def create(self) -> Contact | Item:
        """Create it; raises as ``Creator.create``."""
        return self.creator.create(self.context, self.content.draft)

    def find(self) -> Contact | Item | None:
        """Return what the provider holds of it."""
        return self.creator.find(self.context, self.content.draft)


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class CreationCalls:
    """Opens doors to providers."""

    database: Database
    chain: Chain
    clients: ProviderClients
    clock: Clock

    def creator(self, scope: Scope) -> AnyCreator | None:
        """Return how a module creates records, or None when it cannot.

        :raises NotFound: it is not installed.
        """
        # The registry has seen to it that the creator fits the module's kind.
        return cast("AnyCreator | None", self.chain.module(scope).creates)

    def title(self, creation: Creation) -> str:
        """Return what people call the provider."""
        return self.chain.provider(creation.organisation.connection).provider.title

    def row(self, connection: Connection) -> ConnectionRow:
        """Return the connection to a provider as it is now."""
        return connections.get(self.database, connection)

    def reaches(self, creation: Creation, generation: int | None = None) -> bool:
        """Return whether the organisation is connected now.

        :param generation: of the connection, when it must still be that one.
        """
        row = self.row(creation.organisation.connection)
        same = generation in (None, row.generation)
        return same and row.organisation_id == creation.organisation.id

    @contextmanager
    def open(self, hand: Hand, row: ConnectionRow, patience: timedelta) -> Iterator[Door]:
        """Open the door for a creation.

        :param row: the connection; once it is another one, nothing is sent.
        :param patience: how long may be waited, and how long a call may take.
        :raises RunStopped: the organisation is not connected, or the module cannot create.
        :raises AccessLost: the connection waits for a person.
        """
        creation = hand.creation
        scope = Scope(row.key, creation.module)
        creator = self.creator(scope)
        if creator is None or not self.reaches(creation, row.generation):
            raise RunStopped
        end = self.clock() + patience
        seconds = max(patience.total_seconds(), 1.0)
        manner = Manner(timeout=timeout(seconds), before_write=hand.sent, urgent=True)
        with self.clients.for_connection(
            row.key, row.generation, lambda: self.clock() >= end, manner
        ) as http:
            context = self._context(hand, http, self.chain.module(scope))
            yield Door(creator=creator, context=context, content=creation.content)

    def _context(self, hand: Hand, http: httpx.Client, module: ModuleSpec) -> CreateContext:
        organisation = hand.creation.organisation
        chosen = settings_rows.get(self.database, organisation.connection).options
        settable = {each.name: each for each in module.settings}
        return CreateContext(
            http=http,
            settings=option_values.filled(settable, chosen),
            organisation_id=organisation.id,
            idempotency_key=hand.next_key,
        )

"""Connecting a workspace to one organisation, and taking it apart again."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from syncline_sdk import Identity, Provider, RecordKind
from syncline_server.core import connecting
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.choosing import Choice, choose
from syncline_server.core.clock import Clock
from syncline_server.core.errors import InvalidArgument, NotFound, Reason, Violation
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import Candidate, ConnectionRow, ConnectionState
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.core.tokens import Grant, TokenSet
from syncline_server.services import audit
from syncline_server.services.budgets import Budgets, Standing
from syncline_server.services.consents import Arrival, Consents, Return, Started
from syncline_server.services.departures import Departures, Leaving
from syncline_server.storage import acts, connections, grants, module_states
from syncline_server.storage.cipher import Cipher
from syncline_server.storage.connections import OrganisationHeld
from syncline_server.storage.database import Database

CancelRuns = Callable[[Connection, str], None]
"""Cancels every active run of a connection inside the current transaction, for that reason."""

_OWNED: Final = (RecordKind.CONTACT, RecordKind.ITEM)
_CONNECTED_ANEW: Final = "The connection was connected again."
_DISCONNECTED: Final = "The connection was disconnected."

_log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Connections:
    """The use cases around a connection.

    Every change locks the connection's row first and happens in one transaction; no transaction is
    open while the provider is called.
    """

    database: Database
    catalogue: Catalogue
    cipher: Cipher
    consents: Consents
    departures: Departures
    budgets: Budgets
    clock: Clock
    make_id: MakeId
    notify: Notify
    cancel_runs: CancelRuns

    def start(
        self, workspace: str, provider: str, redirect_uri: str, caller: str, browser: str = ""
    ) -> Started:
        """Begin connecting; nothing of an existing connection changes.

        :param browser: a secret of the browser it is for; empty binds it to none.
        :raises NotFound: no such provider is installed.
        :raises InvalidArgument: the redirect address is not one that is allowed.
        :raises FailedPrecondition: this server has no registration with the provider.
        """
        key = Connection(workspace, provider)
        return self.consents.start(key, self._provider(key), redirect_uri, caller, browser)

    def complete(
        self,
        returned: Return,
        code: str,
        error: str,
        caller: str,
        allowed: Callable[[str], bool] = lambda _: True,
    ) -> ConnectionRow:
        """Take what the provider sent back; the connection is connected, or has candidates.

        :param returned: what tells whose consent it is.
        :param code: of the redirect; exactly one of ``code`` and ``error`` is given.
        :param error: of the redirect.
        :param allowed: whether the caller may act in a workspace.
        :raises InvalidArgument: not exactly one of the two is given; the state stays unused.
        :raises FailedPrecondition: the state, the consent or the organisation is refused.
        :raises Unavailable: the provider cannot answer now; the consent must be started again.
        """
        _check_return(code, error)
        redeemed = self.consents.redeem(returned, caller, allowed)
        provider = self._provider(redeemed.key)
        if error:
            denied = error == "access_denied"
            reason = Reason.CONSENT_DENIED if denied else Reason.CONSENT_FAILED
            raise connecting.consent_refused(reason, provider.name, provider.title)
        arrival = self.consents.arrive(provider, redeemed, code, partial(self._keep, provider.name))
        row = self._settle(redeemed.key, provider, arrival)
        self.budgets.see_off(row)
        _log.info(
            "consent completed",
            action="consent_completed",
            connection=str(row.key),
            state=row.state,
            caller=caller,
        )
        return row

    def select(self, key: Connection, organisation_id: str, caller: str) -> ConnectionRow:
        """Connect one of the candidates.

        :raises NotFound: no such provider is installed.
        :raises FailedPrecondition: there is nothing to choose from, or not this.
        """
        self._provider(key)
        try:
            with self.database.transaction():
                row = connections.lock(self.database, key, self.clock())
                candidate = self._candidate(row, organisation_id)
                row = self._connect(row, candidate, row.candidates_grant_id)
        except OrganisationHeld:
            raise connecting.organisation_taken(organisation_id) from None
        self.budgets.see_off(row)
        _log.info(
            "organisation selected",
            action="organisation_selected",
            connection=str(key),
            caller=caller,
        )
        return row

    def get(self, key: Connection) -> ConnectionRow:
        """Return a connection, NOT_CONNECTED if it never was.

        :raises NotFound: no such provider is installed.
        """
        self._provider(key)
        return connecting.visible(connections.get(self.database, key), self.clock())

    def allowance(self, row: ConnectionRow) -> Standing | None:
        """Return how the allowance of a connection's organisation stands; None without one."""
        if not row.organisation_id:
            return None
        return self.budgets.standing(self._provider(row.key), row.organisation_id)

    def list(self, workspace: str) -> list[ConnectionRow]:
        """Return a connection for each installed provider, by provider."""
        now = self.clock()
        rows = {row.key: row for row in connections.of_workspace(self.database, workspace)}
        keys = [Connection(workspace, name) for name in sorted(self.catalogue.providers)]
        return [connecting.visible(rows.get(key, ConnectionRow(key=key)), now) for key in keys]

    def disconnect(self, key: Connection) -> ConnectionRow:
        """End a connection here, then give access back to the provider if it answers. Idempotent.

        When it returns, no call for the connection leaves from any process any more.

        :raises NotFound: no such provider is installed.
        """
        provider = self._provider(key)
        leaving = self._sever(key)
        self.budgets.see_off(connections.get(self.database, key))
        if leaving is not None:
            _log.info("disconnected", connection=str(key))
            self.departures.give_back(provider, leaving)
        return self.get(key)

    def mark_reconnect_required(self, key: Connection, generation: int, reason: str) -> bool:
        """Note that access is gone; False when the connection has moved on since.

        :param generation: of the connection when the work that found out began.
        :param reason: shown to people.
        """
        now = self.clock()
        with self.database.transaction():
            row = connections.lock(self.database, key, now)
            if row.generation != generation or row.state is not ConnectionState.CONNECTED:
                return False
            connections.save(self.database, connecting.lost(row, reason), now)
            audit.access_lost(self.database, key, reason, now)
            self._tell(key)
        return True

    def forget_expired(self) -> None:
        """Drop choices that nobody made in time, their unused grants, and old consents."""
        self.consents.forget_old()
        now = self.clock()
        for key in connections.with_expired_candidates(self.database, now):
            with self.database.transaction():
                row = connections.lock(self.database, key, now)
                self._save(row, connecting.visible(row, now))

    def _provider(self, key: Connection) -> Provider:
        found = self.catalogue.providers.get(key.provider)
        if found is None:
            raise NotFound(str(key))
        return found.provider

    def _settle(self, key: Connection, provider: Provider, arrival: Arrival) -> ConnectionRow:
        reached = arrival.organisations
        held = connections.held_elsewhere(self.database, key, [each.id for each in reached])
        choice = choose(reached, held)
        if choice.taken is None and not choice.candidates:
            raise _nothing_to_connect(provider, choice)
        try:
            with self.database.transaction():
                return self._store(key, arrival, choice)
        except OrganisationHeld as error:
            raise connecting.organisation_taken(str(error)) from None

    def _keep(self, provider: str, identity: Identity, tokens: TokenSet) -> None:
        """Give new tokens to other workspaces whose access is the same person's, come what may.

        A provider may have ended the earlier ones: without this, a consent that is refused here
        would take their access away.
        """
        with self.database.transaction():
            grants.renew_if_known(
                self.database, self.cipher, self._grant(provider, identity, tokens)
            )

    def _store(self, key: Connection, arrival: Arrival, choice: Choice) -> ConnectionRow:
        row = connections.lock(self.database, key, self.clock())
        self.consents.refuse_withdrawn(arrival)
        grant_id = grants.put(
            self.database, self.cipher, self._grant(key.provider, arrival.identity, arrival.tokens)
        )
        if choice.taken is not None:
            return self._connect(row, connecting.candidate_of(choice.taken), grant_id)
        candidates = [connecting.candidate_of(each) for each in choice.candidates]
        return self._save(row, connecting.offering(row, candidates, grant_id, self.clock()))

    def _grant(self, provider: str, identity: Identity, tokens: TokenSet) -> Grant:
        return Grant(
            id=self.make_id(),
            provider=provider,
            subject=identity.subject,
            tokens=tokens,
            refresh_time=self.clock(),
        )

    def _connect(self, row: ConnectionRow, chosen: Candidate, grant_id: str) -> ConnectionRow:
        self.cancel_runs(row.key, _CONNECTED_ANEW)
        saved = self._save(row, connecting.connected(row, chosen, grant_id, self.clock()))
        if connecting.was_away(row, chosen.id):
            self._read_again(saved)
        return saved

    def _read_again(self, row: ConnectionRow) -> None:
        """Let the next runs read everything: records may have been edited here meanwhile."""
        catalogue = self.catalogue.providers[row.key.provider]
        pulls = {module.name for kind in _OWNED for module in catalogue.masters(kind)}
        known = module_states.ever_run(self.database, row.key)
        module_states.ask_full_read(self.database, row, sorted(pulls & known), self.clock())

    def _candidate(self, row: ConnectionRow, organisation_id: str) -> Candidate:
        lives = grants.lock_living(self.database, row.candidates_grant_id)
        if not connecting.may_choose(row, self.clock()) or not lives:
            raise connecting.selection_expired(row)
        for candidate in row.candidates:
            if candidate.id == organisation_id:
                return candidate
        raise connecting.not_a_candidate(organisation_id)

    def _sever(self, key: Connection) -> Leaving | None:
        with self.database.transaction():
            row = connections.lock(self.database, key, self.clock())
            if row.state is ConnectionState.NOT_CONNECTED and not row.candidates_grant_id:
                return None
            leaving = self.departures.prepare(row)
            self.cancel_runs(key, _DISCONNECTED)
            self._save(row, connecting.disconnected(row))
        return leaving

    def _save(self, old: ConnectionRow, new: ConnectionRow) -> ConnectionRow:
        """Write a connection, drop the grants it gave up if nobody else uses them, and tell."""
        saved = connections.save(self.database, new, self.clock())
        acts.edited("state", old.state, new.state)
        acts.edited("organisation", old.organisation_id, new.organisation_id)
        given_up = {old.grant_id, old.candidates_grant_id} - {
            new.grant_id,
            new.candidates_grant_id,
            "",
        }
        for grant_id in sorted(given_up):
            grants.delete_unused(self.database, grant_id)
        self._tell(new.key)
        return saved

    def _tell(self, key: Connection) -> None:
        self.database.after_commit(lambda: self.notify(ConnectionChanged(key)))


def _check_return(code: str, error: str) -> None:
    if bool(code) == bool(error):
        said = "Exactly one of code and error is given."
        raise InvalidArgument([Violation(field="code", description=said)])


def _nothing_to_connect(provider: Provider, choice: Choice) -> Exception:
    if choice.held:
        return connecting.organisation_taken(choice.held[0].id)
    return connecting.consent_refused(Reason.CONSENT_FAILED, provider.name, provider.title)

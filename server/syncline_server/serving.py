"""A process's life: migrate, bind, start, wait for a signal, stop in order.

The order of stopping: health says so first, so that nobody new comes; running calls may finish;
watchers are told to turn elsewhere; running modules stop at their next page and are queued for the
next start or another process; then the clock, the provider connections and the database. A worker
lives likewise, without what answers calls.
"""

import contextlib
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import structlog

from syncline_server.app import (
    DATABASE,
    ENGINE,
    App,
    Backstage,
    Outside,
    build_app,
    build_worker,
)
from syncline_server.app.listening import (
    refuse_public_plaintext,
    refuse_public_without_credentials,
    warn_of_useless_credentials,
)
from syncline_server.config import Config, is_sqlite
from syncline_server.core.errors import Unavailable
from syncline_server.folder import claim, prepare
from syncline_server.rpc.encryption import server_credentials
from syncline_server.services.audit import HEADS_EVERY
from syncline_server.storage.schema import migrate

log = structlog.get_logger(__name__)

_HOUSEKEEPING_INTERVAL: Final = timedelta(minutes=1)
_PARITY_INTERVAL: Final = timedelta(minutes=5)
_AUTOMATIC_INTERVAL: Final = timedelta(seconds=10)
_WEBHOOK_INTERVAL: Final = timedelta(seconds=5)
_STATISTICS_INTERVAL: Final = timedelta(hours=1)
_HISTORY_INTERVAL: Final = timedelta(minutes=10)
_HEALTH_INTERVAL: Final = timedelta(seconds=5)
_CREDENTIALS_INTERVAL: Final = timedelta(seconds=5)
_ISSUER_INTERVAL: Final = timedelta(seconds=30)
_COOLDOWNS_INTERVAL: Final = timedelta(seconds=30)
_RENEWALS_INTERVAL: Final = timedelta(minutes=1)
_KEYS_INTERVAL: Final = timedelta(minutes=1)
_KEEP_ALIVE_INTERVAL: Final = timedelta(hours=1)
_END_INTERVAL: Final = timedelta(hours=12)
# Xero lets a refresh token die after 60 idle days (developer.xero.com, OAuth 2.0 FAQ).
_IDLE: Final = timedelta(days=20)


class AddressTaken(Exception):  # noqa: N818 - a refusal, raised to whoever starts the server
    """The address cannot be listened on."""


class NoFleet(Exception):  # noqa: N818 - a refusal, raised to whoever starts the worker
    """There is no place for a worker."""


def serve(config: Config) -> None:
    """Serve until SIGTERM or SIGINT.

    :raises FolderTaken: another server works in the data folder.
    :raises NotLoopback: the address is public and there are no credentials.
    :raises NotEncrypted: the address is public and TLS is not set up.
    :raises CertificateUnusable: a file for TLS is not what it should be.
    :raises AddressTaken: the address cannot be listened on.
    """
    asked_to_stop = _signals()
    with running(config, Outside()) as port:
        log.info("serving", action="serving", port=port, listen=config.listen)
        asked_to_stop.wait()
        log.info("stopping", action="stopping")


def work(config: Config) -> None:
    """Execute runs until SIGTERM or SIGINT, beside servers and workers on the same PostgreSQL.

    :raises NoFleet: the database is SQLite, or no run may execute here.
    """
    asked_to_stop = _signals()
    with working(config, Outside()):
        log.info("working", action="working", workers=config.workers)
        asked_to_stop.wait()
        log.info("stopping", action="stopping")
    log.info("stopped", action="stopped")


def _signals() -> threading.Event:
    """Return what SIGTERM and SIGINT set from now on."""
    asked_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_stop.set())
    return asked_to_stop


@contextlib.contextmanager
def running(config: Config, outside: Outside) -> Iterator[int]:
    """Run a server around the block; yields the port it listens on."""
    with _folder(config):
        app = build_app(config, outside)
        migrate(app.database)
        refuse_public_without_credentials(config, are_asked=app.callers.are_asked())
        warn_of_useless_credentials(config, need_certificates=app.callers.need_certificates())
        refuse_public_plaintext(config)
        port = _start(app)
        try:
            yield port
        finally:
            _stop(app)
        app.database.close()


@contextlib.contextmanager
def working(config: Config, outside: Outside) -> Iterator[None]:
    """Run a worker around the block.

    :raises NoFleet: see :func:`work`.
    """
    _refuse_idle(config)
    with _folder(config):
        worker = build_worker(config, outside)
        migrate(worker.database)
        worker.teller.start()
        _start_backstage(worker)
        try:
            yield
        finally:
            _wind_down(worker)
            _stop_backstage(worker)
            worker.teller.stop()
        worker.database.close()


def _refuse_idle(config: Config) -> None:
    if is_sqlite(config):
        raise NoFleet(
            "a worker needs PostgreSQL in SYNCLINE_DATABASE_URL: on SQLite the server itself"
            " executes runs, in its own process"
        )
    if not config.workers:
        raise NoFleet("SYNCLINE_WORKERS is 0, so a worker would have nothing to do")


@contextlib.contextmanager
def _folder(config: Config) -> Iterator[None]:
    """Hold the data folder where the database is in it."""
    if is_sqlite(config):
        with claim(config.data_folder):
            yield
    else:
        prepare(config.data_folder)
        yield


def _start(app: App) -> int:
    port = _bound(app)
    app.exchange.start()
    _start_backstage(app)
    every = app.work.timetable.every
    every(_HEALTH_INTERVAL, "health", lambda: _look_after_health(app))
    every(_CREDENTIALS_INTERVAL, "credentials", app.callers.look)
    every(_ISSUER_INTERVAL, "issuer", app.callers.refresh)
    every(_HOUSEKEEPING_INTERVAL, "erasures/told", app.workspaces.erasures.tell_of_others)
    app.work.timetable.aside("issuer/start", app.callers.refresh)
    if app.certificates is not None:
        app.certificates.tell_end()
        every(_END_INTERVAL, "certificate", app.certificates.tell_end)
    app.server.start()
    app.health.set(ENGINE, well=True)
    _look_after_health(app)
    return port


def _start_backstage(app: Backstage) -> None:
    if app.database.is_sqlite:
        # The data folder is this process's: whatever call is noted as under way is not any more.
        app.access.budgets.forget_dead()
    app.work.timetable.start()
    app.work.engine.start()
    app.work.cooldowns.start()
    _start_timers(app)


def _start_timers(app: Backstage) -> None:
    """Look again and again; every process of a fleet does, and the rows decide who acts."""
    every, stop = app.work.timetable.every, app.workspaces.stopping.is_set
    every(_AUTOMATIC_INTERVAL, "automatic", app.work.automatic.look)
    every(_WEBHOOK_INTERVAL, "webhooks", app.work.webhooks.look)
    # Those that began in another process.
    every(_COOLDOWNS_INTERVAL, "cooldowns", app.work.cooldowns.start)
    every(_HOUSEKEEPING_INTERVAL, "housekeeping", app.connections.forget_expired)
    every(_PARITY_INTERVAL, "parity", app.parity.look)
    every(_HOUSEKEEPING_INTERVAL, "creations", lambda: app.creations.resolve_abandoned(stop))
    every(_HISTORY_INTERVAL, "changes", app.changes.forget_old)
    retention = app.workspaces.retention
    every(_HISTORY_INTERVAL, "webhook-history", retention.forget_webhooks)
    aside = app.work.timetable.aside
    every(_STATISTICS_INTERVAL, "audit-history", lambda: aside("audit/old", retention.forget_audit))
    every(_HISTORY_INTERVAL, "run-history", lambda: aside("runs/old", retention.forget_runs))
    every(_HOUSEKEEPING_INTERVAL, "erasures", app.erase_soon)
    every(_STATISTICS_INTERVAL, "statistics", app.database.look_after)
    every(_HOUSEKEEPING_INTERVAL, "audit", app.trail.look)
    every(HEADS_EVERY, "audit-heads", app.trail.tell_heads)
    every(_KEYS_INTERVAL, "keys", app.access.keyring.refresh)
    every(_RENEWALS_INTERVAL, "renewals", lambda: app.grants.finish_renewals(stop))
    every(_KEEP_ALIVE_INTERVAL, "keep-alive", lambda: app.grants.keep_alive(_IDLE, stop))
    # A server that is restarted every day, or that died, does not wait for its timers.
    app.erase_soon()
    app.work.timetable.aside("renewals/start", lambda: app.grants.finish_renewals(stop))
    app.work.timetable.aside("keep-alive/start", lambda: app.grants.keep_alive(_IDLE, stop))


def _bound(app: App) -> int:
    try:
        if app.certificates is None:
            return app.server.add_insecure_port(app.config.listen)
        return app.server.add_secure_port(app.config.listen, server_credentials(app.certificates))
    except RuntimeError:
        raise AddressTaken(
            f"cannot listen on {app.config.listen}: is something else listening there? Set"
            " SYNCLINE_LISTEN to another address"
        ) from None


def _look_after_health(app: App) -> None:
    try:
        app.database.row("SELECT 1 AS one")
    except Unavailable:
        app.health.set(DATABASE, well=False)
    else:
        app.health.set(DATABASE, well=True)


def _stop(app: App) -> None:
    app.health.stop()
    _wind_down(app)
    app.hub.stop()
    app.server.stop(app.config.shutdown_grace.total_seconds()).wait()
    # Handlers, senders and exports may outlive their calls, and must not outlive the database.
    app.handlers.shutdown()
    app.hub.join()
    app.workspaces.places.shut_down()
    _stop_backstage(app)
    app.exchange.stop()


def _wind_down(app: Backstage) -> None:
    """Ask what is under way to end at the next place where it can."""
    app.work.engine.stop()
    app.parity.stop()
    app.workspaces.stopping.set()


def _stop_backstage(app: Backstage) -> None:
    app.work.engine.join()
    app.work.timetable.stop()
    app.transport.close()

"""A server's life: migrate, bind, start, wait for a signal, stop in order.

The order of stopping: health says so first, so that nobody new comes; running calls may finish;
watchers are told to turn elsewhere; running modules stop at their next page and are queued for the
next start; then the clock, the provider connections and the database.
"""

import contextlib
import ipaddress
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import structlog

from syncline_server.app import DATABASE, ENGINE, App, Outside, build_app
from syncline_server.config import Config
from syncline_server.core.errors import Unavailable
from syncline_server.folder import claim, prepare
from syncline_server.storage.schema import migrate
from syncline_server.storage.sole import sole_server

log = structlog.get_logger(__name__)

_HOUSEKEEPING_INTERVAL: Final = timedelta(minutes=1)
_AUTOMATIC_INTERVAL: Final = timedelta(seconds=10)
_STATISTICS_INTERVAL: Final = timedelta(hours=1)
_HISTORY_INTERVAL: Final = timedelta(minutes=10)
_HEALTH_INTERVAL: Final = timedelta(seconds=5)
_RENEWALS_INTERVAL: Final = timedelta(minutes=1)
_KEEP_ALIVE_INTERVAL: Final = timedelta(hours=1)
# Xero lets a refresh token die after 60 idle days (developer.xero.com, OAuth 2.0 FAQ).
_IDLE: Final = timedelta(days=20)


class NotLoopback(Exception):  # noqa: N818 - a refusal, raised to whoever starts the server
    """Nobody could be asked for credentials, so only this machine may be listened to."""


class AddressTaken(Exception):  # noqa: N818 - a refusal, raised to whoever starts the server
    """The address cannot be listened on."""


def serve(config: Config) -> None:
    """Serve until SIGTERM or SIGINT.

    :raises FolderTaken: another server works in the data folder.
    :raises DatabaseTaken: another server executes runs on the database.
    :raises NotLoopback: the address is public and no access token exists.
    :raises AddressTaken: the address cannot be listened on.
    """
    asked_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_stop.set())
    with running(config, Outside()) as port:
        log.info("serving", action="serving", port=port, listen=config.listen)
        asked_to_stop.wait()
        log.info("stopping", action="stopping")


@contextlib.contextmanager
def running(config: Config, outside: Outside) -> Iterator[int]:
    """Run a server around the block; yields the port it listens on."""
    with _folder(config):
        app = build_app(config, outside)
        migrate(app.database)
        refuse_public_without_tokens(app)
        with sole_server(app.database):
            port = _start(app)
            try:
                yield port
            finally:
                _stop(app)
        app.database.close()


def refuse_public_without_tokens(app: App) -> None:
    """Check that callers can be asked for credentials wherever they may come from.

    :raises NotLoopback: they cannot.
    """
    if app.access_tokens.are_configured():
        return
    if not _is_loopback(app.config.listen):
        raise NotLoopback(
            f"there is no access token, so {app.config.listen} would be open to everybody: make one"
            " with `syncline-server tokens create`, or listen on 127.0.0.1"
        )
    log.warning(
        "no access tokens: every caller on this machine is an admin of every workspace",
        action="open_to_loopback",
    )


@contextlib.contextmanager
def _folder(config: Config) -> Iterator[None]:
    """Hold the data folder where the database is in it."""
    if config.database_url.startswith("sqlite:"):
        with claim(config.data_folder):
            yield
    else:
        prepare(config.data_folder)
        yield


def _is_loopback(listen: str) -> bool:
    host = listen.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _start(app: App) -> int:
    port = _bound(app)
    app.work.timetable.start()
    app.hub.start()
    app.work.engine.start()
    app.work.cooldowns.start()
    _start_timers(app)
    app.server.start()
    app.health.set(ENGINE, well=True)
    _look_after_health(app)
    return port


def _start_timers(app: App) -> None:
    every = app.work.timetable.every
    every(_HEALTH_INTERVAL, "health", lambda: _look_after_health(app))
    every(_AUTOMATIC_INTERVAL, "automatic", app.work.automatic.look)
    every(_HOUSEKEEPING_INTERVAL, "housekeeping", app.connections.forget_expired)
    every(_HOUSEKEEPING_INTERVAL, "creations", app.creations.resolve_abandoned)
    every(_HISTORY_INTERVAL, "changes", app.changes.forget_old)
    every(_STATISTICS_INTERVAL, "statistics", app.database.look_after)
    every(_RENEWALS_INTERVAL, "renewals", app.grants.finish_renewals)
    every(_KEEP_ALIVE_INTERVAL, "keep-alive", lambda: app.grants.keep_alive(_IDLE))
    # A server that is restarted every day, or that died, does not wait for its timers.
    app.work.timetable.run("renewals/start", app.grants.finish_renewals)
    app.work.timetable.run("keep-alive/start", lambda: app.grants.keep_alive(_IDLE))


def _bound(app: App) -> int:
    try:
        return app.server.add_insecure_port(app.config.listen)
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
    app.work.engine.stop()
    app.hub.stop()
    app.server.stop(app.config.shutdown_grace.total_seconds()).wait()
    app.work.timetable.stop()
    app.transport.close()

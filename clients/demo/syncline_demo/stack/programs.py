"""Which programs make up the stack, and what each is told."""

from collections.abc import Mapping
from functools import partial

import httpx
from grpc_health.v1 import health_pb2, health_pb2_grpc

from syncline_client import Client, InsecureToken, SynclineError, Tls, connect
from syncline_demo.config import Address, Settings
from syncline_demo.stack.admin import Admin, accounts_file, admin_of, session_keys
from syncline_demo.stack.child import Program
from syncline_demo.stack.folder import encryption_key

_HEALTH_SECONDS = 10.0
_TOLD_SECONDS = 30.0
_KEYS = tuple(f"SYNCLINE_ENCRYPTION_KEYS{suffix}" for suffix in ("", "_FILE", "_COMMAND"))
"""Where somebody may have given encryption keys."""
_SIGN_IN = ("SYNCLINE_CONSOLE_ACCOUNTS_FILE", "SYNCLINE_CONSOLE_OIDC_ISSUER")
"""By which somebody may have said how people sign in."""
# The simulator's one registered app, as its documentation names it; there is nothing to protect.
_SIMULATED_APP = {
    "SYNCLINE_XERO_CLIENT_ID": "syncline-local",
    "SYNCLINE_XERO_CLIENT_SECRET": "syncline-local-secret",
    "SYNCLINE_XERO_WEBHOOK_KEY": "syncline-local-webhook-key",
}


def programs(settings: Settings) -> tuple[Program, ...]:
    """Return the programs, in the order in which they are stopped."""
    return (_server(settings), _console(settings), _simulator(settings))


def subscribe(settings: Settings) -> None:
    """Have the running simulator send its webhooks to the console, unless Xero is the real one.

    :raises httpx.HTTPError: it does not take the subscription.
    """
    if settings.environ.get("SYNCLINE_XERO_CLIENT_ID"):
        return
    subscription = {
        "url": f"{settings.console.url}/webhooks/xero",
        "key": _SIMULATED_APP["SYNCLINE_XERO_WEBHOOK_KEY"],
    }
    address = f"{settings.simulator.url}/simulator/webhooks"
    answer = httpx.post(address, json=subscription, timeout=_TOLD_SECONDS, trust_env=False)
    answer.raise_for_status()


def _server(settings: Settings) -> Program:
    return Program(
        name="server",
        module="syncline_server",
        arguments=("serve",),
        environment=_inherited(settings, _server_variables(settings)),
        address=settings.server,
        is_healthy=lambda: serves(settings.server, settings.tls, settings.token),
    )


def _server_variables(settings: Settings) -> dict[str, str]:
    variables = {
        "SYNCLINE_LISTEN": str(settings.server),
        "SYNCLINE_DATA_FOLDER": str(settings.data_folder),
        "SYNCLINE_REDIRECT_URIS": settings.redirect_uri,
    }
    if not any(settings.environ.get(name) for name in _KEYS):
        key = encryption_key(settings.data_folder)
        variables["SYNCLINE_ENCRYPTION_KEYS_FILE"] = str(key)
    if not settings.environ.get("SYNCLINE_XERO_CLIENT_ID"):  # a real app was not given
        variables |= {**_SIMULATED_APP, "SYNCLINE_XERO_BASE_URL": settings.simulator.url}
    return variables


def _console(settings: Settings) -> Program:
    variables = {
        "SYNCLINE_CONSOLE_LISTEN": str(settings.console),
        "SYNCLINE_CONSOLE_PUBLIC_URL": settings.public_url,
        "SYNCLINE_CONSOLE_SERVER": str(settings.server),
    }
    if not settings.environ.get("SYNCLINE_CONSOLE_SESSION_KEYS_FILE"):
        keys = session_keys(settings.data_folder)
        variables["SYNCLINE_CONSOLE_SESSION_KEYS_FILE"] = str(keys)
    if _has_local_accounts(settings):
        admin_of(settings.data_folder)  # made on first use; others may be in the file without it
        file = accounts_file(settings.data_folder)
        variables["SYNCLINE_CONSOLE_ACCOUNTS_FILE"] = str(file)
    return Program(
        name="console",
        module="syncline_console",
        arguments=(),
        environment=_inherited(settings, variables),
        address=settings.console,
        is_healthy=lambda: _answers(f"{settings.console.url}/healthz"),
    )


def local_admin(settings: Settings) -> Admin | None:
    """Return the local console's account; None where it is gone, or people sign in otherwise."""
    return admin_of(settings.data_folder) if _has_local_accounts(settings) else None


def _has_local_accounts(settings: Settings) -> bool:
    return not any(settings.environ.get(name) for name in _SIGN_IN)


def _simulator(settings: Settings) -> Program:
    address = settings.simulator
    arguments = {
        "--host": address.host,
        "--port": str(address.port),
        "--state": str(settings.data_folder / "simulator.json"),
        "--redirect-uri": settings.redirect_uri,
    }
    return Program(
        name="simulator",
        module="syncline_xero_simulator",
        arguments=tuple(part for pair in arguments.items() for part in pair),
        environment=_inherited(settings, {}),
        address=address,
        is_healthy=lambda: _answers(f"{address.url}/simulator/status"),
    )


def _inherited(settings: Settings, variables: Mapping[str, str]) -> dict[str, str]:
    return {**settings.environ, **variables, "PYTHONUNBUFFERED": "1"}


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=_HEALTH_SECONDS, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def serves(address: Address, tls: Tls | None = None, token: str | None = None) -> bool:
    """Return whether a server answers at an address, and is well.

    :param token: for a server whose health is for callers; not sent where others could read it.
    """
    with _client(address, tls, token) as client:
        health = health_pb2_grpc.HealthStub(client.channel)
        try:
            answer = health.Check(health_pb2.HealthCheckRequest())
        except SynclineError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _client(address: Address, tls: Tls | None, token: str | None) -> Client:
    reached = partial(connect, str(address), tls=tls or False, timeout=_HEALTH_SECONDS)
    try:
        return reached(token=token)
    except InsecureToken:
        return reached()

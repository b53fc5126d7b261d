"""A stack full of planted secrets, and everything of it in which one could turn up."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, quote, urlsplit
from zipfile import ZipFile

import httpx

from databases import opened
from dumps import dump
from echoing_xero import EchoingXero
from fleet_stack import FleetStack
from identity_provider import AUDIENCE
from key_file import done
from leaky_plugin import install
from local_stack import PATIENCE, LocalStack, local_environment
from ports import own_ports
from syncline_client import SynclineError
from syncline_demo.stack.folder import encryption_key
from syncline_demo.story.workspace import Workspace

_PIECE = 32
CLIENT_SECRET = "syncline-local-secret"  # the simulator knows no other


def made_up(kind: str) -> str:
    """Return a secret nobody can mistake."""
    return f"planted-{kind}-{secrets.token_urlsafe(24)}"


@dataclass(kw_only=True, repr=False)
class Planted:
    """What a test has in its hands."""

    stack: LocalStack
    xero: EchoingXero
    folder: Path
    database_url: str
    secrets: set[str]
    told: list[str] = field(default_factory=list)
    """What callers, browsers and operators were told."""

    @property
    def servers(self) -> tuple[str, ...]:
        """The programs of ours that run the server's code."""
        return ("server", "worker1") if isinstance(self.stack, FleetStack) else ("server",)

    @contextmanager
    def refused(self) -> Iterator[None]:
        """Expect the block to be refused, and keep what its caller was told."""
        try:
            yield
        except SynclineError as error:
            self.told.append(f"{error!r} {error} {vars(error)} {error.__cause__!r}")
        else:
            raise AssertionError("it was not refused")

    def begin(self, workspace: Workspace) -> str:
        """Begin to connect; return the address where a person approves."""
        address = workspace.start_connection(self.stack.settings.redirect_uri)
        (state,) = parse_qs(urlsplit(address).query)["state"]
        self.secrets.add(state)
        return address

    def approved(self, address: str, organisation: str) -> str:
        """Approve; return the address a browser is sent back to."""
        back = self.stack.simulator.approve_access(address, organisation)
        (code,) = parse_qs(urlsplit(back).query)["code"]
        self.secrets.add(code)
        return back

    def look_at(self, address: str) -> int:
        """Open a page of the console, keep what it shows, and return the status."""
        page = self.stack.land(address)
        self.told.append(f"{page.text} {page.headers}")
        return page.status_code

    def command(self, *arguments: str, **settings: str) -> int:
        """Run a command of the server and keep what it printed."""
        environ = {**self.stack.environment_of("server"), **settings}
        code, printed, complained = done(environ, *arguments)
        self.told += [printed, complained]
        return code

    def keep_archive(self, workspace: str) -> None:
        """Keep everything that is handed out of a workspace."""
        with TemporaryDirectory() as folder:
            archive = Path(folder) / "archive.zip"
            assert self.command("workspaces", "export", workspace, "--out", str(archive)) == 0
            with ZipFile(archive) as files:
                self.told += [files.read(name).decode() for name in files.namelist()]

    def call_webhook(self, body: bytes, signature: str) -> int:
        """Deliver a webhook to the console."""
        answer = httpx.post(
            f"{self.stack.settings.console.url}/webhooks/xero",
            content=body,
            headers={"x-xero-signature": signature},
            timeout=PATIENCE,
            trust_env=False,
        )
        self.told.append(f"{answer.text} {answer.headers}")
        return answer.status_code

    def keep_rows(self) -> None:
        """Keep all rows and, on SQLite, the files they are in, as they are now."""
        database = opened(self.database_url)
        self.told.append(str(dump(database)))
        database.close()
        files = self.folder.glob("syncline.db*")
        self.told += [file.read_bytes().decode("latin-1") for file in files]

    def keep_processes(self) -> None:
        """Keep what everybody on the machine may know of the processes."""
        for name in (*self.servers, "console"):
            process = Path("/proc") / str(self.stack.process_id(name))
            self.told.append((process / "cmdline").read_text())
            limits = (process / "limits").read_text().splitlines()
            (core,) = [line.split() for line in limits if line.startswith("Max core file size")]
            assert core[4:6] == ["0", "0"]

    def leaks(self) -> list[str]:
        """Return where each secret was seen that was seen."""
        logs = [
            path.read_bytes().decode("latin-1")
            for path in self.folder.glob("*.log*")
            if not path.name.startswith("simulator")  # it is the provider
        ]
        places = [*self.told, *logs]
        everything = "\n".join(places)
        return [each for each in self.spelt() if each in everything]

    def spelt(self) -> set[str]:
        """Return every secret in every spelling in which it travels, long ones in pieces.

        What is cut off somewhere, as a provider's words are, is seen by its beginning.
        """
        known = self.secrets | self.xero.secrets
        spelt = known | {quote(each, safe="") for each in known}
        return {piece for each in spelt for piece in _pieces(each)}


def _pieces(secret: str) -> list[str]:
    if len(secret) <= _PIECE:
        return [secret]
    return [secret[at : at + _PIECE] for at in range(0, len(secret) - _PIECE + 1, _PIECE)]


@contextmanager
def planted(folder: Path, database_url: str, issuer: str) -> Iterator[Planted]:
    """Run a stack full of planted secrets.

    :param database_url: of an empty PostgreSQL; empty for a SQLite of its own.
    :param issuer: whose signed tokens are taken.
    """
    folder.mkdir(mode=0o700)
    known = {kind: made_up(kind) for kind in ("password", "proxy", "webhook")}
    url = database_url.replace("postgres:@", f"postgres:{known['password']}@")
    assert not database_url or known["password"] in url
    (port,) = own_ports(1)
    key = encryption_key(folder)
    variables = {
        "SYNCLINE_DATABASE_URL": url or f"sqlite:///{folder}/syncline.db",
        "SYNCLINE_ENCRYPTION_KEYS_FILE": str(key),
    }
    token = _token(local_environment(folder, **variables))
    xero = EchoingXero(f"http://127.0.0.1:{port}")
    variables |= {
        **install(folder.with_name("plugins")),
        "HTTPS_PROXY": f"http://someone:{known['proxy']}@127.0.0.1:9",
        "NO_PROXY": "127.0.0.1,localhost",
        "GRPC_VERBOSITY": "debug",
        "PYTHONFAULTHANDLER": "1",
        "SYNCLINE_SIMULATOR_LISTEN": f"127.0.0.1:{port}",
        "SYNCLINE_LOG_LEVEL": "debug",
        "SYNCLINE_OIDC_ISSUER": issuer,
        "SYNCLINE_OIDC_AUDIENCE": AUDIENCE,
        "SYNCLINE_CONSOLE_TOKEN": token,
        "SYNCLINE_DEMO_TOKEN": token,
        "SYNCLINE_XERO_CLIENT_ID": "syncline-local",
        "SYNCLINE_XERO_CLIENT_SECRET": CLIENT_SECRET,
        "SYNCLINE_XERO_WEBHOOK_KEY": known["webhook"],
        "SYNCLINE_XERO_BASE_URL": xero.url,
    }
    stack = _stack(folder, variables)
    own = {CLIENT_SECRET, token, key.read_text().strip(), *known.values()}
    scene = Planted(
        stack=stack,
        xero=xero,
        folder=folder,
        database_url=variables["SYNCLINE_DATABASE_URL"],
        secrets=own,
    )
    try:
        stack.start("simulator", *scene.servers, "console")
        yield scene
    finally:
        stack.close()
        xero.close()


def _stack(folder: Path, variables: dict[str, str]) -> LocalStack:
    if variables["SYNCLINE_DATABASE_URL"].startswith("sqlite"):
        return LocalStack(local_environment(folder, **variables))
    others = {name: value for name, value in variables.items() if name != "SYNCLINE_DATABASE_URL"}
    return FleetStack(folder, variables["SYNCLINE_DATABASE_URL"], **others)


def _token(environ: dict[str, str]) -> str:
    code, printed, complained = done(environ, "tokens", "create", "--role", "service")
    assert code == 0, complained
    (line,) = [line for line in printed.splitlines() if line.startswith("secret:")]
    return line.removeprefix("secret:").strip()

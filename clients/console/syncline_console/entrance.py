"""The part of the settings that says how people sign in."""

import ssl
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from syncline_console.company import Registration
from syncline_console.issuer import is_safe
from syncline_console.public_address import is_here
from syncline_console.session_keys import SHORTEST

_P: Final = "SYNCLINE_CONSOLE_"
VARIABLES: Final = {
    f"{_P}ACCOUNTS_FILE": "",
    f"{_P}SESSION_KEYS_FILE": "",
    f"{_P}SESSION_HOURS": "8",
    f"{_P}SESSION_IDLE_MINUTES": "60",
    f"{_P}OIDC_ISSUER": "",
    f"{_P}OIDC_CLIENT_ID": "",
    f"{_P}OIDC_CLIENT_SECRET_FILE": "",
    f"{_P}OIDC_CA_FILE": "",
    f"{_P}OIDC_TITLE": "your company account",
    f"{_P}OIDC_SCOPES": "openid profile email",
    f"{_P}OIDC_WORKSPACES_CLAIM": "syncline_workspaces",
}
"""Every variable with its default."""
MOST_HOURS: Final = 8
_MOST_MINUTES: Final = MOST_HOURS * 60
_LONGEST_TITLE: Final = 60
_BY_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """How people sign in, and for how long."""

    accounts_file: Path | None = None
    """None has no local accounts."""
    session_keys: tuple[str, ...] = field(default=(), repr=False)
    """The first signs; empty makes one for this process."""
    hours: int = MOST_HOURS
    idle_minutes: int = 60
    company: Registration | None = None
    """None has no sign-in by a company."""


class EntranceReader:
    """Reads it, and collects what is wrong.

    :param values: every variable by name, defaults filled in.
    :param host: where the console listens.
    :param port: likewise.
    """

    def __init__(self, values: Mapping[str, str], *, host: str, port: str) -> None:
        self._values = values
        self._host = host
        self._port = port
        self.mistakes: list[str] = []

    def read(self) -> Entrance:
        """Return what is set; worth nothing where there are :attr:`mistakes`."""
        accounts = self._values[f"{_P}ACCOUNTS_FILE"]
        return Entrance(
            accounts_file=Path(accounts) if accounts else None,
            session_keys=self._keys(),
            hours=self._number("SESSION_HOURS", MOST_HOURS),
            idle_minutes=self._number("SESSION_IDLE_MINUTES", _MOST_MINUTES),
            company=self._company(),
        )

    def _keys(self) -> tuple[str, ...]:
        name = "SESSION_KEYS_FILE"
        if not self._values[_P + name]:
            if self._host and not is_here(self._host):
                self._wrong(name, "needed where the console listens beyond loopback")
            return ()
        keys = tuple(self._secret(name).split())
        if not keys or any(len(key) < SHORTEST for key in keys):
            self._wrong(name, f"must have keys of {SHORTEST} characters or more, one a line")
        return keys

    def _company(self) -> Registration | None:
        issuer = self._values[f"{_P}OIDC_ISSUER"]
        client = self._values[f"{_P}OIDC_CLIENT_ID"]
        secret_file = self._values[f"{_P}OIDC_CLIENT_SECRET_FILE"]
        if not issuer:
            if client or secret_file or self._values[f"{_P}OIDC_CA_FILE"]:
                self._wrong("OIDC_ISSUER", "needed beside the client")
            return None
        if not is_safe(issuer):
            self._wrong("OIDC_ISSUER", "must be https://…, or http://… on this machine")
        if not client:
            self._wrong("OIDC_CLIENT_ID", "needed beside SYNCLINE_CONSOLE_OIDC_ISSUER")
        if not secret_file:
            self._wrong("OIDC_CLIENT_SECRET_FILE", "needed beside SYNCLINE_CONSOLE_OIDC_ISSUER")
        return Registration(
            issuer=issuer,
            client_id=client,
            client_secret=self._secret("OIDC_CLIENT_SECRET_FILE").strip() if secret_file else "",
            title=self._values[f"{_P}OIDC_TITLE"][:_LONGEST_TITLE],
            scopes=self._scopes(),
            workspaces_claim=self._values[f"{_P}OIDC_WORKSPACES_CLAIM"],
            public_url=self._public_url(),
            authorities=self._authorities(),
        )

    def _authorities(self) -> ssl.SSLContext | None:
        file = self._values[f"{_P}OIDC_CA_FILE"]
        try:
            return ssl.create_default_context(cafile=file) if file else None
        except OSError as error:  # ssl.SSLError, too
            why = "has no certificate in PEM" if isinstance(error, ssl.SSLError) else error.strerror
            self._wrong("OIDC_CA_FILE", f"{file} {why}")
            return None

    def _scopes(self) -> str:
        scopes = self._values[f"{_P}OIDC_SCOPES"].split()
        if "openid" not in scopes:
            self._wrong("OIDC_SCOPES", "must have openid")
        return " ".join(scopes)

    def _public_url(self) -> str:
        return self._values[f"{_P}PUBLIC_URL"].rstrip("/") or f"http://localhost:{self._port}"

    def _secret(self, name: str) -> str:
        file = Path(self._values[_P + name])
        try:
            text = file.read_text(encoding="utf-8")
            mode = file.stat().st_mode
        except OSError as error:
            self._wrong(name, f"{file} cannot be read: {error.strerror}")
            return ""
        except UnicodeDecodeError:
            self._wrong(name, f"{file} is no text")
            return ""
        if mode & _BY_OTHERS:
            self._wrong(name, f"others may read {file}: chmod 600")
        return text

    def _number(self, name: str, most: int) -> int:
        text = self._values[_P + name]
        if text.isascii() and text.isdecimal() and 0 < int(text) <= most:
            return int(text)
        self._wrong(name, f"must be a whole number from 1 to {most}")
        return most

    def _wrong(self, name: str, what: str) -> None:
        self.mistakes.append(f"{_P}{name}: {what}")

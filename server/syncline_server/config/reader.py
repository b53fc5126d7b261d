"""Reading variables one by one, gathering what is wrong with them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from syncline_server.config import values
from syncline_server.config.settings import OidcConfig, ProviderConfig, TlsConfig

T = TypeVar("T")

_PREFIX: Final = "SYNCLINE_"
_CONSOLE: Final = "SYNCLINE_CONSOLE_"
"""Of the console, which may be started from the same environment and has a client id, too."""
_CLIENT_ID: Final = "_CLIENT_ID"
_WEBHOOK_KEY: Final = "_WEBHOOK_KEY"


class ConfigError(Exception):
    """The environment is not usable; ``mistakes`` holds a sentence for each variable."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class Reader:
    """Reads variables and gathers what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._mistakes: list[str] = []

    def get(self, name: str, parse: Callable[[str], T], default: str) -> T:
        """Return a variable's value, or its default's when it is unset or wrong."""
        try:
            return parse(self._environ.get(_PREFIX + name, "").strip() or default)
        except ValueError as error:
            self._mistakes.append(f"{_PREFIX}{name}: {error}")
            return parse(default)

    def encryption_keys(self, file: Path | None, command: Sequence[str]) -> tuple[str, ...]:
        """Return the key ring, of the variable itself or a file; none where a command prints it."""
        keys = self.get("ENCRYPTION_KEYS", values.words, default="")
        if sum(map(bool, (keys, file, command))) > 1:
            self.mistake("ENCRYPTION_KEYS", "only one of it, its _FILE and its _COMMAND may be set")
        if file:
            return self._keys_in(file)
        if not keys and not command:
            self.mistake(
                "ENCRYPTION_KEYS",
                "needed to store tokens; make a key with `syncline-server keys create`",
            )
        return keys

    def _keys_in(self, file: Path) -> tuple[str, ...]:
        try:
            keys = values.key_words(file.read_text())
        except (OSError, UnicodeDecodeError):
            self.mistake("ENCRYPTION_KEYS_FILE", f"{file} cannot be read")
            return ()
        if not keys:
            self.mistake("ENCRYPTION_KEYS_FILE", f"{file} holds no key")
        return keys

    def oidc(self) -> OidcConfig | None:
        """Return the issuer of signed tokens, if one is set."""
        config = OidcConfig(
            issuer=self.get("OIDC_ISSUER", values.confidential, default=""),
            audience=self.get("OIDC_AUDIENCE", str, default=""),
            clients=self.get("OIDC_CLIENTS", values.words, default=""),
            workspaces_claim=self.get("OIDC_WORKSPACES_CLAIM", str, default="syncline_workspaces"),
            jwks_uri=self.get("OIDC_JWKS_URI", values.confidential, default=""),
        )
        if config.issuer and not config.audience:
            self.mistake("OIDC_AUDIENCE", "needed beside SYNCLINE_OIDC_ISSUER")
        if not config.issuer and (config.audience or config.clients or config.jwks_uri):
            self.mistake("OIDC_ISSUER", "needed beside the other variables of OIDC")
        return config if config.issuer else None

    def tls(self) -> TlsConfig | None:
        """Return where the files for TLS are, if there are any."""
        certificate, key, authorities = (
            self.get(f"TLS_{name}_FILE", str, default="")
            for name in ("CERTIFICATE", "KEY", "CLIENT_CA")
        )
        if bool(certificate) is not bool(key):
            self.mistake(f"TLS_{'KEY' if certificate else 'CERTIFICATE'}_FILE", "needed for TLS")
        elif authorities and not certificate:
            self.mistake("TLS_CLIENT_CA_FILE", f"needs {_PREFIX}TLS_CERTIFICATE_FILE beside it")
        if not certificate or not key:
            return None
        return TlsConfig(
            certificate=Path(certificate),
            key=Path(key),
            client_authorities=Path(authorities) if authorities else None,
        )

    def providers(self) -> dict[str, ProviderConfig]:
        """Return every provider whose client id is set, by provider name."""
        names = self._owners(_CLIENT_ID)
        for owner in self._owners(_WEBHOOK_KEY):
            if owner not in names:
                self.mistake(
                    f"{owner}{_WEBHOOK_KEY}", f"needs {_PREFIX}{owner}{_CLIENT_ID} beside it"
                )
        return {name.lower(): self._provider(name) for name in sorted(names)}

    def _owners(self, suffix: str) -> list[str]:
        """Return the providers, as variables name them, of which one of this ending is set."""
        return [
            name.removeprefix(_PREFIX).removesuffix(suffix)
            for name, value in self._environ.items()
            if name.startswith(_PREFIX) and name.endswith(suffix) and value.strip()
            if not name.startswith(_CONSOLE)
        ]

    def _provider(self, name: str) -> ProviderConfig:
        secret = self.get(f"{name}_CLIENT_SECRET", str, default="")
        if not secret:
            self._mistakes.append(
                f"{_PREFIX}{name}_CLIENT_SECRET: needed beside {_PREFIX}{name}_CLIENT_ID"
            )
        return ProviderConfig(
            client_id=self.get(f"{name}{_CLIENT_ID}", str, default=""),
            client_secret=secret,
            base_url=self.get(f"{name}_BASE_URL", values.origin, default=""),
            webhook_keys=self.get(f"{name}{_WEBHOOK_KEY}", values.words, default=""),
        )

    def mistake(self, name: str, text: str) -> None:
        """Add what is wrong with variables that are right by themselves."""
        self._mistakes.append(f"{_PREFIX}{name}: {text}")

    def refuse_tracing(self) -> None:
        """Refuse what would have gRPC print every call's headers, credentials among them."""
        if self._environ.get("GRPC_TRACE"):
            self._mistakes.append("GRPC_TRACE: prints the credentials of callers; unset it")

    def refuse_mistakes(self) -> None:
        """Raise everything that was wrong, if anything was."""
        if self._mistakes:
            raise ConfigError(self._mistakes)

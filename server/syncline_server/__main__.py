"""``syncline-server``: serve, and what an operator needs around it."""

import os
import resource
import sys
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from typing import Any

from syncline_server.app.listening import NotEncrypted, NotLoopback
from syncline_server.certificates import CertificateUnusable
from syncline_server.commands import audit, check, database, keys, tokens, workspaces
from syncline_server.config import Config, ConfigError, read_config
from syncline_server.core.errors import InvalidArgument, Refusal
from syncline_server.folder import FolderTaken, FolderUnusable
from syncline_server.logs import configure_logs, log_uncaught
from syncline_server.registry import PluginRefused
from syncline_server.services.audit_checks import BadAnchors
from syncline_server.serving import AddressTaken, NoFleet, serve, work
from syncline_server.storage.cipher import CipherError

Subparsers = Any  # argparse keeps the type of its subparsers to itself

_REFUSALS = (
    AddressTaken,
    audit.FileUnreadable,
    BadAnchors,
    CertificateUnusable,
    CipherError,
    workspaces.FileRefused,
    FolderTaken,
    FolderUnusable,
    NoFleet,
    NotEncrypted,
    NotLoopback,
    PluginRefused,
    Refusal,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 done, 1 found wrong, 2 refused with a reason."""
    # A dump of the memory would hold every key and token that is in use; files are our own.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    try:
        code = _run(_parser().parse_args(arguments))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read what was printed has enough, as `head` has
        # Python flushes again when it ends (docs.python.org, "signal", "Note on SIGPIPE").
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _run(parsed: Namespace) -> int:
    try:
        if parsed.needs_config:
            config = read_config()
            configure_logs(config.log_format, config.log_level)
            log_uncaught()
            return parsed.call(parsed, config) or 0
        return parsed.call(parsed) or 0
    except ConfigError as error:
        return _refused("the configuration has mistakes:", *error.mistakes)
    except InvalidArgument as refusal:
        wrong = [f"{each.field}: {each.description}" for each in refusal.violations]
        return _refused("this cannot be done:", *wrong)
    except _REFUSALS as refusal:
        return _refused(str(refusal))


def _refused(*lines: str) -> int:
    print("syncline-server:", "\n  ".join(lines), file=sys.stderr)
    return 2


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="syncline-server", description="The Syncline server.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _command(commands, "serve", _serve, "answer calls and run syncs")
    _command(commands, "worker", _work, "run syncs beside servers, on PostgreSQL")
    _command(commands, "migrate", database.migrate, "bring the database up to date")
    _command(commands, "check", check.check, "look at everything without serving")
    _add_key_commands(_group(commands, "keys", "encryption keys"))
    _add_token_commands(_group(commands, "tokens", "access tokens"))
    _add_audit_commands(_group(commands, "audit", "the audit trail"))
    _add_workspace_commands(_group(commands, "workspaces", "all of a workspace"))
    return parser


def _add_key_commands(group: Subparsers) -> None:
    _command(group, "create", keys.create, "print a new key", needs_config=False)
    _command(group, "list", keys.show, "show keys by id, and how many secrets need each")
    _command(group, "rotate", keys.rotate, "bring all stored secrets under the first key")


def _add_token_commands(group: Subparsers) -> None:
    create = _command(group, "create", tokens.create, "make a token, shown once")
    create.add_argument("--workspace", action="append", help="workspace id; repeat for several")
    create.add_argument("--role", required=True, choices=("viewer", "operator", "admin", "service"))
    create.add_argument("--expires", type=tokens.span, help="such as 90d; never by default")
    create.add_argument(
        "--certificate",
        type=tokens.certificate,
        metavar="NAME",
        help="URI or DNS name of a client certificate that stands for it; makes no secret",
    )
    create.add_argument("--title", default="", help="what people call it")
    _command(group, "list", tokens.show, "show every token, without its secret")
    revoke = _command(group, "revoke", tokens.revoke, "make a token useless")
    revoke.add_argument("id")


def _add_audit_commands(group: Subparsers) -> None:
    verify = _command(group, "verify", audit.check, "look for tampering; prints every head")
    verify.add_argument("--anchor", metavar="FILE", help="heads that were printed before")
    what = verify.add_mutually_exclusive_group()
    what.add_argument("--workspace", help="only this one; every chain by default")
    # Where there is no server there is no configuration.
    what.add_argument(
        "--file",
        action=_Standalone,
        help="an export to verify instead of the database; needs no configuration",
    )
    export = _command(group, "export", audit.export, "write entries as JSON lines")
    export.add_argument("--workspace", help="by default what belongs to none")
    export.add_argument("--since", type=audit.instant, help="such as 2026-11-26, UTC")
    export.add_argument("--until", type=audit.instant, help="before this time")


class _Standalone(Action):
    """An option with which a command needs no configuration."""

    def __call__(
        self, _parser: ArgumentParser, namespace: Namespace, values: object, _option: object = None
    ) -> None:
        setattr(namespace, self.dest, values)
        namespace.needs_config = False


def _add_workspace_commands(group: Subparsers) -> None:
    export = _command(group, "export", workspaces.export, "write all of it to a new zip archive")
    export.add_argument("workspace", help="workspace id")
    export.add_argument("--out", required=True, help="file to write; nothing is overwritten")
    erase = _command(group, "erase", workspaces.erase, "delete all of it; cannot be undone")
    erase.add_argument("workspace", help="workspace id")
    erase.add_argument("--yes", required=True, metavar="WORKSPACE", help="its id once more")


def _group(subparsers: Subparsers, name: str, text: str) -> Subparsers:
    return subparsers.add_parser(name, help=text, description=text).add_subparsers(
        required=True, metavar="COMMAND"
    )


def _command(
    subparsers: Subparsers,
    name: str,
    call: Callable[..., int | None],
    text: str,
    *,
    needs_config: bool = True,
) -> ArgumentParser:
    parser: ArgumentParser = subparsers.add_parser(name, help=text, description=text)
    parser.set_defaults(call=call, needs_config=needs_config)
    return parser


def _serve(_arguments: Namespace, config: Config) -> None:
    serve(config)


def _work(_arguments: Namespace, config: Config) -> None:
    work(config)


if __name__ == "__main__":
    sys.exit(main())

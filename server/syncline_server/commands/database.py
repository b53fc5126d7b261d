"""The database's schema."""

from argparse import Namespace

from syncline_server.commands.opening import opened
from syncline_server.config import Config
from syncline_server.storage import schema


def migrate(_arguments: Namespace, config: Config) -> None:
    """Bring the database to this version's schema."""
    applied = schema.migrate(opened(config))
    print("\n".join(f"applied {name}" for name in applied) or "nothing to do")

"""``python -m syncline_demo``: ``up`` starts a local stack, ``story`` shows it at work."""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console

from syncline_demo.config import SettingsError, read_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code."""
    options = _parser().parse_args(arguments)
    out = Console(highlight=False, soft_wrap=True)
    try:
        settings = read_settings()
    except SettingsError as error:
        out.print(str(error), style="red", markup=False)
        return 2
    if options.command == "up":
        from syncline_demo.stack.up import up  # noqa: PLC0415 - each command loads only its own

        return up(settings, out, verbose=options.verbose)
    from syncline_demo.story.story import tell  # noqa: PLC0415 - as above

    return tell(settings, out, options.workspace)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="syncline-demo", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start server, console and Xero simulator")
    up.add_argument("--verbose", action="store_true", help="show what they print, too")
    story = commands.add_parser("story", help="tell the whole story against a running stack")
    story.add_argument("--workspace", default="", help="id of the workspace (default: a new one)")
    return parser


if __name__ == "__main__":
    sys.exit(main())

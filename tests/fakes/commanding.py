"""Commands as an operator types them."""

import subprocess
import sys
from pathlib import Path

from local_stack import PATIENCE, local_environment

KEY = "cGxhbnRlZC1lbmNyeXB0aW9uLWtleS0wMTIzNDU2Nzg="


def said(folder: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    """Return how a command ended, and everything it printed."""
    environ = local_environment(folder, **{"SYNCLINE_ENCRYPTION_KEYS": KEY, **settings})
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "syncline_server", *arguments],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout

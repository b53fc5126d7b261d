"""The operators' recipes, executed as they are written."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local_stack import LocalStack

pytestmark = pytest.mark.slow
SECONDS = 600.0
"""For a whole page of recipes; a busy machine needs many."""
BLOCK = re.compile(r"^```sh(?: refused=(\w+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)
REFUSED = """
if said=$( set +e; ({commands}) 2>&1 ); then
  echo "recipe {number} was not refused: $said"; exit 1
fi
grep -q 'reason.*{reason}' <<< "$said" || {{
  echo "recipe {number} was refused otherwise: $said"; exit 1
}}
"""


def script(page: str) -> str:
    """Return a page's recipes as one script that fails where one does not do what is said."""
    parts = ["set -euo pipefail"]
    for number, (reason, commands) in enumerate(BLOCK.findall(page), 1):
        parts.append(f"echo '--- recipe {number}'")
        told = REFUSED.format(number=number, reason=reason, commands=commands)
        parts.append(told if reason else commands)
    return "\n".join(parts)


def placed(text: str, stack: LocalStack) -> str:
    """Return a text with this stack's places for the usual ones."""
    settings = stack.settings
    usual = {
        "127.0.0.1:50051": str(settings.server),
        "127.0.0.1:8091": str(settings.simulator),
        "localhost:8080": f"localhost:{settings.console.port}",
        ".data/": f"{settings.data_folder}/",
    }
    for before, after in usual.items():
        text = text.replace(before, after)
    return text


def environment(stack: LocalStack, grpcurl: str) -> dict[str, str]:
    """Return what an operator has: the tools on the path, the server's variables."""
    tools = (Path(grpcurl).parent, Path(sys.executable).parent, os.environ["PATH"])
    server = dict(stack.environment_of("server"))
    return {**server, "PATH": ":".join(map(str, tools))}


def run(text: str, stack: LocalStack, grpcurl: str) -> str:
    """Run a script and return what it prints; fail with all of it when it fails."""
    done = subprocess.run(  # noqa: S603 - our own pages
        ["bash", "-c", placed(text, stack)],  # noqa: S607 - bash is wherever it is
        env=environment(stack, grpcurl),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    # grpcurl ends with 0 even when it cannot print an answer.
    assert "Failed to format" not in done.stdout, done.stdout
    return done.stdout


def test_every_recipe_works(
    start_stack: Callable[..., LocalStack], grpcurl: str, pytestconfig: pytest.Config
) -> None:
    """From top to bottom, each recipe succeeds or is refused with the reason it names."""
    page = (pytestconfig.rootpath / "docs" / "operations.md").read_text()
    said = run(script(page), start_stack(), grpcurl)
    assert '"display_name": "Harbour Goods Ltd"' in said
    assert '"provider_status": "PAID"' in said


def test_the_five_commands_of_the_readme_end_in_an_answer(
    start_stack: Callable[..., LocalStack], grpcurl: str, pytestconfig: pytest.Config
) -> None:
    """The two grpcurl lines that a newcomer types work as they stand."""
    page = (pytestconfig.rootpath / "README.md").read_text()
    commands = re.findall(r"^\$ (grpcurl .*)$", page, re.MULTILINE)
    assert len(commands) == 2
    said = run("\n".join(["set -e", *commands]), start_stack(), grpcurl)
    assert "syncline.v1.RecordService" in said
    assert '"id": "tax_mapping"' in said


def test_errors_are_printed_with_their_details(
    start_stack: Callable[..., LocalStack], grpcurl: str
) -> None:
    """The server describes error details, too, so nobody reads base64."""
    stack = start_stack()
    call = (
        'grpcurl -plaintext -d \'{"connection": "workspaces/acme/connections/xero", "module":'
        ' "contacts"}\' 127.0.0.1:50051 syncline.v1.IntegrationService/TriggerSync || true'
    )
    said = run(call, stack, grpcurl)
    assert '"reason": "NOT_CONNECTED"' in said
    assert '"domain": "syncline.orderverse.io"' in said
    assert "type.googleapis.com/google.rpc.PreconditionFailure" in said

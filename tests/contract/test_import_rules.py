import logging
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]


@pytest.fixture
def loggers_as_before() -> Iterator[None]:
    """What the tool turns off, which is every logger there is, is on again for other tests."""
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    before = [logger.disabled for logger in loggers]
    yield
    for logger, disabled in zip(loggers, before, strict=True):
        logger.disabled = disabled


@pytest.mark.usefixtures("loggers_as_before")
def test_import_rules_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """Every contract about who may import whom is kept; a broken one is told import by import."""
    outcome = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)

    assert outcome == 0, capsys.readouterr().out


def test_every_package_is_under_the_rules() -> None:
    """A package that is added to the tree is added to the rules."""
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    shipped = {
        file.parent.name
        for folder in ("clients", "plugins", "server")
        for file in (ROOT / folder).glob("**/syncline_*/__init__.py")
        if (file.parents[1] / "pyproject.toml").exists()
    }

    missing = shipped - set(configured["root_packages"])
    assert not missing, f"add to tool.importlinter.root_packages: {', '.join(sorted(missing))}"


def test_parts_of_a_server_are_wired_without_grpc() -> None:
    """What forks, such as the harness that kills servers, must never have loaded it."""
    check = "import sys, syncline_server.app.work; sys.exit('grpc' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)  # noqa: S603 - our own program

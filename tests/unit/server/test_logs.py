import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from syncline_server.config import LogFormat
from syncline_server.logs import configure_logs

SECRET = "planted-token"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Give back the logging of the test run."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def fail() -> None:
    """Raise with a secret in a local variable."""
    token = SECRET
    raise ValueError(len(token))


@pytest.mark.parametrize("log_format", LogFormat)
def test_traceback_shows_no_local_variables(
    log_format: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exception is logged with where it came from, and without what variables held."""
    configure_logs(log_format, "info")

    try:
        fail()
    except ValueError:
        structlog.get_logger("test").exception("broke", action="broke")
        logging.getLogger("library").exception("broke too")

    told = capsys.readouterr().err
    assert told.count("in fail") == 2
    assert SECRET not in told


def test_machine_lines_are_one_object_each(capsys: pytest.CaptureFixture[str]) -> None:
    """In JSON every line is one object, ours and the libraries', with what is bound."""
    configure_logs(LogFormat.JSON, "info")

    with structlog.contextvars.bound_contextvars(request="r1"):
        structlog.get_logger("ours").info("one", action="first")
        logging.getLogger("theirs").warning("two %s", "three")
    structlog.get_logger("ours").debug("not told")

    ours, theirs = map(json.loads, capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["action"], ours["request"]) == ("one", "first", "r1")
    assert (ours["level"], theirs["logger"]) == ("info", "theirs")
    assert ours["timestamp"].endswith("Z")
    assert (theirs["event"], theirs["request"]) == ("two three", "r1")


@pytest.mark.parametrize("library", ["apscheduler", "httpx", "httpcore", "peewee"])
def test_chatty_libraries_tell_warnings_only(
    library: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What libraries do for every call is not told."""
    configure_logs(LogFormat.JSON, "info")

    logging.getLogger(library).info("I did it")
    logging.getLogger(library).warning("I could not")

    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == [
        "I could not"
    ]

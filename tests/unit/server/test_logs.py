import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog

from syncline_server.config import LogFormat
from syncline_server.logs import configure_logs, log_uncaught

SECRET = "planted-token"
TOKEN = "Zm9ydHktdHdvLWNoYXJhY3RlcnMtb2YtYS10b2tlbi0x"


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


def fail_over(token: str) -> None:
    """Raise with a token in the text, and in that of the cause."""
    cause = ValueError(f"cause {token}")
    raise KeyError(f"Bearer {token} for ContactID") from cause


@pytest.mark.parametrize("log_format", LogFormat)
def test_text_of_an_exception_shows_no_token(
    log_format: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plugin or a library may have put one there; what else it says is told, causes too."""
    configure_logs(log_format, "info")

    try:
        fail_over(TOKEN)
    except KeyError:
        structlog.get_logger("test").exception("broke", action="broke")
        logging.getLogger("library").exception("broke with %s", TOKEN)

    told = capsys.readouterr().err
    assert TOKEN not in told
    assert told.count("KeyError: 'Bearer [withheld] for ContactID'") == 2
    assert told.count("ValueError: cause [withheld]") == 2
    assert "broke with [withheld]" in told


@pytest.mark.parametrize("library", ["authlib", "h11", "psycopg.pool", "urllib3", "syncline_xero"])
def test_libraries_tell_no_details_at_any_level(
    library: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """DEBUG is for our own lines: libraries would tell headers and parameters."""
    configure_logs(LogFormat.JSON, "debug")

    logging.getLogger(library).debug("Authorization: Bearer %s", TOKEN)
    structlog.get_logger("ours").debug("told", action="told")

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["action"] == "told"


@pytest.mark.parametrize("log_format", LogFormat)
def test_what_nobody_catches_is_logged_like_the_rest(
    log_format: LogFormat,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In the main thread and others an exception is one line, without what looks like a secret."""
    configure_logs(log_format, "info")
    before = sys.excepthook, threading.excepthook
    try:
        log_uncaught()
        error = ValueError(f"refused {TOKEN}")
        sys.excepthook(ValueError, error, None)
        threading.excepthook(threading.ExceptHookArgs((ValueError, error, None, None)))
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    finally:
        sys.excepthook, threading.excepthook = before

    told = capsys.readouterr().err
    assert told.count("ValueError: refused [withheld]") == 2
    assert "KeyboardInterrupt" not in told

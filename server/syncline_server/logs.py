"""Structured logs: one line an event, with an ``action`` to filter by and the request's id.

Our own lines go straight to stderr, a few microseconds each. The libraries' come through the
standard library's logging and look the same. Whatever level is set, libraries tell nothing below
INFO, because they would tell headers; and what looks like a secret in a text that is not ours, an
exception's or a library's, is withheld.
"""

import logging
import sys
import threading
import traceback
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import msgspec
import structlog
from structlog.typing import ExcInfo, Processor, WrappedLogger

from syncline_server.config import LogFormat
from syncline_server.core.secrecy import withheld, withheld_of_traceback

_SHARED: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
# They tell what they do at INFO for every job and every call; we tell it ourselves.
_TALKATIVE: Final = ("apscheduler", "httpx", "httpcore", "peewee")


def configure_logs(log_format: LogFormat, level: str) -> None:
    """Send every log line, ours and the libraries', to stderr in one format.

    :param level: debug, info, warning or error.
    """
    rendering = _rendering(log_format)
    structlog.configure(
        processors=[*_SHARED, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_own_lines(log_format),
        cache_logger_on_first_use=True,
    )
    _configure_libraries(rendering, level)


def log_uncaught() -> None:
    """Have what nobody catches, in whatever thread, logged like everything else."""

    def told(kind: type[BaseException], error: BaseException | None, way: Any) -> None:
        if error is not None and not issubclass(kind, KeyboardInterrupt | SystemExit):
            log = structlog.get_logger(__name__)
            log.critical("uncaught", action="uncaught", exc_info=(kind, error, way))

    sys.excepthook = told
    threading.excepthook = lambda args: told(args.exc_type, args.exc_value, args.exc_traceback)


def _rendering(log_format: LogFormat) -> list[Processor]:
    if log_format is LogFormat.JSON:
        return [
            structlog.processors.ExceptionRenderer(_traceback),
            structlog.processors.JSONRenderer(serializer=_json),
        ]
    # The default prints local variables, tokens among them, where rich is installed.
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=_write_traceback
        )
    ]


def _traceback(exc_info: ExcInfo) -> str:
    text = "".join(traceback.format_exception(*exc_info))
    return withheld_of_traceback(text).rstrip("\n")


def _write_traceback(stream: TextIO, raised: ExcInfo) -> None:
    stream.write("\n" + _traceback(raised))


def _guarded(_logger: WrappedLogger, _name: str, event: Any) -> MutableMapping[str, Any]:
    """Withhold what looks like a secret from a library's line."""
    guarded: MutableMapping[str, Any] = {
        **event,
        "event": withheld(str(event["event"])),
    }
    return guarded


def _own_lines(log_format: LogFormat) -> Any:
    if log_format is LogFormat.JSON:
        return structlog.BytesLoggerFactory(sys.stderr.buffer)
    return structlog.PrintLoggerFactory(sys.stderr)


def _json(event: Any, default: Any = None) -> bytes:
    return msgspec.json.encode(event, enc_hook=default)


def _configure_libraries(rendering: list[Processor], level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_SHARED, structlog.stdlib.add_logger_name, _guarded],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *rendering[:-1],
                _as_text(rendering[-1]),
            ],
        )
    )
    least = max(logging.INFO, logging.getLevelNamesMapping()[level.upper()])
    logging.basicConfig(handlers=[handler], level=least, force=True)
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(logging.WARNING)
    # What goes wrong there ends up in a line of ours; theirs come with tracebacks and addresses.
    for library in ("procrastinate", "psycopg"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    # It warns whenever a sweep asks again for a run that is waiting for a worker already.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)


def _as_text(render: Processor) -> Processor:
    """Return a renderer for logging, which takes no bytes."""

    def rendered(logger: WrappedLogger, name: str, event: Any) -> str:
        line = render(logger, name, event)
        return line.decode() if isinstance(line, bytes) else str(line)

    return rendered

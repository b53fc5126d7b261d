"""Structured logs: one line an event, with an ``action`` to filter by and the request's id.

Our own lines go straight to stderr, a few microseconds each. The libraries' come through the
standard library's logging and look the same.
"""

import logging
import sys
from typing import Any, Final

import msgspec
import structlog
from structlog.typing import Processor, WrappedLogger

from syncline_server.config import LogFormat

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


def _rendering(log_format: LogFormat) -> list[Processor]:
    if log_format is LogFormat.JSON:
        return [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_json),
        ]
    # The default prints local variables, tokens among them, where rich is installed.
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]


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
            foreign_pre_chain=[*_SHARED, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *rendering[:-1],
                _as_text(rendering[-1]),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
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

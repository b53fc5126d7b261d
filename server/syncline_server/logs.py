"""Structured logs: one line an event, with an ``action`` to filter by and the request's id."""

import logging
import sys

import structlog

from syncline_server.config import LogFormat


def configure_logs(log_format: LogFormat, level: str) -> None:
    """Send every log line, ours and the libraries', to stderr in one format.

    :param level: debug, info, warning or error.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(log_format, shared))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    # They tell what they do at INFO for every job and every call; we tell it ourselves.
    for library in ("apscheduler", "httpx", "httpcore", "peewee"):
        logging.getLogger(library).setLevel(logging.WARNING)
    # It warns whenever a sweep asks again for a run that is waiting for a worker already.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)


def _formatter(
    log_format: LogFormat, shared: list[structlog.typing.Processor]
) -> structlog.stdlib.ProcessorFormatter:
    if log_format is LogFormat.JSON:
        last: list[structlog.typing.Processor] = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    else:
        # The default prints local variables, tokens among them, where rich is installed.
        last = [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )

"""Answers that say no, in the forms Xero uses (developer.xero.com, response codes)."""

from collections.abc import Mapping, Sequence
from typing import Any

from syncline_xero_simulator.wire.json_text import write_json

_JSON = "application/json; charset=utf-8"
NOT_FOUND_TEXT = "The resource you're looking for cannot be found"
"""What a wrong id and a too long URL get."""
MAINTENANCE_TEXT = "The Xero API is currently offline for maintenance"
"""One of the two texts of a 503 for everybody."""
UNAVAILABLE_TEXT = "The Xero API is temporarily unavailable"
"""The other text of a 503 for everybody."""
OFFLINE_TEXT = "The Organisation is offline"
"""The text of a 503 for one organisation."""


class ProblemError(Exception):
    """Ends a call with this status, body and headers."""

    def __init__(
        self,
        status: int,
        body: str,
        content_type: str = _JSON,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.content_type = content_type
        self.headers = dict(headers or {})


def plain(status: int, text: str) -> ProblemError:
    """Return a problem that is told in plain text."""
    return ProblemError(status, text, "text/html; charset=utf-8")


def not_found() -> ProblemError:
    """Return the 404 of an unknown id."""
    return plain(404, NOT_FOUND_TEXT)


def api_exception(status: int, number: int, kind: str, message: str) -> ProblemError:
    """Return a numbered exception without elements."""
    body = {"ErrorNumber": number, "Type": kind, "Message": message}
    return ProblemError(status, write_json(body))


def query_problem(message: str) -> ProblemError:
    """Return the 400 of a `where` or `order` that cannot be read."""
    return api_exception(400, 16, "QueryParseException", message)


def post_data_problem(detail: str) -> ProblemError:
    """Return the 400 of a body that cannot be read."""
    message = f"JSON request body could not be read: {detail}"
    return api_exception(400, 14, "PostDataInvalidException", message)


def nothing_processed() -> ProblemError:
    """Return the 400 of a body without elements."""
    message = "No data processed in this request"
    return api_exception(400, 17, "NoDataProcessedException", message)


def not_implemented() -> ProblemError:
    """Return the 501 of a method an endpoint lacks."""
    message = "The Api Method called is not implemented"
    return api_exception(501, 20, "ApiMethodNotImplementedException", message)


def unknown_error() -> ProblemError:
    """Return the 500 of a filter that meets an empty field."""
    message = "An error occurred in Xero. Check the API Status page for current service status"
    return api_exception(500, 500, "UnknownErrorException", message)


def validation_problem(elements: Sequence[Mapping[str, Any]]) -> ProblemError:
    """Return the 400 that carries the failing elements."""
    body = {
        "ErrorNumber": 10,
        "Type": "ValidationException",
        "Message": "A validation exception occurred",
        "Elements": list(elements),
    }
    return ProblemError(400, write_json(body))

"""Calls to the accounting API, each either an answer or an error the host understands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final, TypeVar

import httpx

from syncline_sdk import CensusContext, CreateContext, RetryLater, RunContext, RunFailed
from syncline_xero.dates import as_http_time
from syncline_xero.decoding import Answer, ListDecoder, UnreadableAnswer
from syncline_xero.failures import failure

T = TypeVar("T")

OVERLAP: Final = timedelta(minutes=5)
"""How far before its watermark a run reads again.

Whether ``If-Modified-Since`` includes its own second is not documented, and a change that was being
saved while the last run read may carry an earlier stamp. Records may come again; that is cheap.
"""

_EARLIEST: Final = datetime(2006, 1, 1, tzinfo=UTC)  # before there was a Xero
_FURTHEST_AHEAD: Final = timedelta(days=1)
_READINGS: Final = 3
_EXECUTIONS: Final = 5


class XeroClient:
    """Thin calls on the client of a run, of the creation of one record, or of a census."""

    def __init__(self, ctx: RunContext | CreateContext | CensusContext) -> None:
        self._http = ctx.http
        self._now: Callable[[], datetime] | None
        if isinstance(ctx, CreateContext | CensusContext):
            self._organisation_id = ctx.organisation_id
            self._execution = 1  # whoever waits may always ask again
            self._now = None  # what they read leaves no watermark
        else:
            self._organisation_id = ctx.run.organisation_id
            self._execution = ctx.run.attempt
            self._now = ctx.now

    def read(
        self,
        path: str,
        decoder: ListDecoder[T],
        *,
        params: Mapping[str, str],
        since: datetime | None = None,
    ) -> Answer[T]:
        """Read one list.

        Xero is known to send successes whose body is cut off: such an answer is asked for again a
        few times here, then by later executions of the run, then the run fails.

        :param since: only what changed after it; read :data:`OVERLAP` earlier.
        :raises RetryLater: if Xero cannot answer now.
        :raises AccessLost: if the organisation is no longer connected.
        :raises RunFailed: if Xero refuses, or its answers stay unreadable.
        """
        headers = {} if since is None else {"If-Modified-Since": as_http_time(since - OVERLAP)}
        for _ in range(_READINGS):
            response = self._get(path, params, headers)
            if response.status_code == HTTPStatus.NOT_MODIFIED:
                return Answer.nothing()
            try:
                return self._dated(decoder.decode(response.content))
            except UnreadableAnswer:
                continue
        if self._execution < _EXECUTIONS:
            raise RetryLater("Xero's answer could not be read.", after=timedelta(minutes=1))
        raise RunFailed(
            "XERO_ANSWER_UNREADABLE",
            f"Xero's answers for {path} could not be read, also when asked for again.",
            action="Try again later; if it persists, report it.",
        )

    def put(
        self, path: str, body: bytes, *, params: Mapping[str, str], idempotency_key: str
    ) -> httpx.Response:
        """Create something, once, and return whatever Xero answers.

        :raises httpx.RequestError: if the connection broke; the outcome is unknown then.
        """
        headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
        return self._http.put(path, content=body, params=params, headers=headers)

    def raise_for(self, response: httpx.Response) -> None:
        """Raise what an answer that is no success means.

        :raises RetryLater: if Xero cannot answer now.
        :raises AccessLost: if the organisation is no longer connected.
        :raises RunFailed: if Xero refuses.
        """
        if response.status_code != HTTPStatus.OK:
            raise failure(response, self._http, self._organisation_id)

    def _dated(self, answer: Answer[T]) -> Answer[T]:
        """Forget what Xero's clock said where it cannot be right.

        A watermark made of it would pass over changes, or come before the calendar begins.
        """
        said = answer.answered
        if said is None or self._now is None:
            return answer
        if _EARLIEST < said < self._now() + _FURTHEST_AHEAD:
            return answer
        return replace(answer, answered=None)

    def _get(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str]
    ) -> httpx.Response:
        try:
            response = self._http.get(path, params=params, headers=headers)
        except httpx.RequestError as error:
            raise RetryLater("Xero could not be reached.") from error
        if response.status_code != HTTPStatus.NOT_MODIFIED or not headers:
            self.raise_for(response)
        return response

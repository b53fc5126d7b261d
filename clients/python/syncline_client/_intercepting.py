"""What every call gets: a request id, credentials, a deadline, and errors as exceptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast
from uuid import uuid4

import grpc

from syncline_client._channel import InsecureToken
from syncline_client._explaining import explain

REQUEST_ID_KEY = "x-request-id"
AUTHORIZATION_KEY = "authorization"

Request = TypeVar("Request")
Response = TypeVar("Response")


@dataclass(frozen=True, kw_only=True)
class CallDetails(grpc.ClientCallDetails):
    """How one call is made."""

    method: str
    timeout: float | None
    metadata: tuple[tuple[str, str | bytes], ...] = field(repr=False)  # has the token
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None
    compression: grpc.Compression | None

    @property
    def request_id(self) -> str:
        """The id this call is made under."""
        return next(str(value) for key, value in self.metadata if key == REQUEST_ID_KEY)


class CallInterceptor(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Makes calls the way Syncline wants them. Must be the outermost interceptor.

    What a single call is given explicitly (timeout, either metadata key) wins.

    :param token: bearer token; None sends none.
    :param timeout: seconds a unary call may take; streams live until somebody ends them.
    :param private: whether tokens may be sent at all: nobody reads them on the way.
    """

    def __init__(self, *, token: str | None, timeout: float, private: bool) -> None:
        self._token = token
        self._timeout = timeout
        self._private = private

    def intercept_unary_unary(
        self,
        continuation: Callable[[grpc.ClientCallDetails, Request], grpc._CallFuture[Response]],
        client_call_details: grpc.ClientCallDetails,
        request: Request,
    ) -> grpc._CallFuture[Response]:
        """Make a call that has one answer."""
        details = self._details(client_call_details, default_timeout=self._timeout)
        call = ExplainingCall(continuation(details, request), details.request_id)
        return cast("grpc._CallFuture[Response]", call)  # noqa: SLF001 - it has no public name

    def intercept_unary_stream(
        self,
        continuation: Callable[[grpc.ClientCallDetails, Request], grpc._CallIterator[Response]],
        client_call_details: grpc.ClientCallDetails,
        request: Request,
    ) -> grpc._CallIterator[Response]:
        """Make a call that has many answers."""
        details = self._details(client_call_details, default_timeout=None)
        stream = ExplainingStream(continuation(details, request), details.request_id)
        return cast("grpc._CallIterator[Response]", stream)  # noqa: SLF001 - it has no public name

    def _details(
        self, given: grpc.ClientCallDetails, *, default_timeout: float | None
    ) -> CallDetails:
        metadata = dict.fromkeys((REQUEST_ID_KEY,), str(uuid4()))
        if self._token is not None:
            metadata[AUTHORIZATION_KEY] = f"Bearer {self._token}"
        own = tuple(given.metadata or ())
        for key, _ in own:
            if key == AUTHORIZATION_KEY and not self._private:
                raise InsecureToken
            metadata.pop(key, None)
        return CallDetails(
            method=given.method,
            timeout=default_timeout if given.timeout is None else given.timeout,
            metadata=(*own, *metadata.items()),
            credentials=given.credentials,
            wait_for_ready=given.wait_for_ready,
            compression=given.compression,
        )


class ExplainingCall(Generic[Response]):
    """A call whose failure is one of our exceptions; everything else is the call's own."""

    def __init__(self, call: grpc._CallFuture[Response], request_id: str) -> None:
        self._call = call
        self._request_id = request_id

    def result(self, timeout: float | None = None) -> Response:
        """Return the answer, waiting for it if need be; raises what the call failed with."""
        try:
            return self._call.result(timeout)
        except grpc.RpcError as failed:
            raise explain(failed, self._request_id) from failed

    def exception(self, timeout: float | None = None) -> Exception | None:
        """Return what the call failed with, waiting for it if need be; None if it did not."""
        failed = self._call.exception(timeout)
        return explain(failed, self._request_id) if isinstance(failed, grpc.RpcError) else failed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)


class ExplainingStream(Generic[Response]):
    """A stream whose failure is one of our exceptions; everything else is the stream's own."""

    def __init__(self, stream: grpc._CallIterator[Response], request_id: str) -> None:
        self._stream = stream
        self._answers = iter(stream)
        self._request_id = request_id

    def __iter__(self) -> Iterator[Response]:
        return self

    def __next__(self) -> Response:
        try:
            return next(self._answers)
        except grpc.RpcError as failed:
            raise explain(failed, self._request_id) from failed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

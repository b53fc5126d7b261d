from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2

import syncline_client
from syncline.v1.record_pb2 import WatchChangesRequest
from syncline_client import FailedPrecondition, follow_changes

REQUEST = WatchChangesRequest(parent="workspaces/acme", from_beginning=True)


def test_broken_stream_goes_on_where_it_was(served: Any, client: syncline_client.Client) -> None:
    """After a restart of the server, or a cut, the last token that was taken is asked with."""
    served.stream("a", "b", ending=grpc.StatusCode.UNAVAILABLE)
    served.stream("b", "c", ending=grpc.StatusCode.CANCELLED)
    served.stream("c", ending=grpc.StatusCode.FAILED_PRECONDITION)
    waits: list[float] = []

    found: list[str] = []
    with pytest.raises(FailedPrecondition):
        for answer in follow_changes(client, REQUEST, wait=waits.append):
            found += [answer.resume_token]
    again = follow_changes(client, REQUEST)
    served.stream("x", ending=grpc.StatusCode.UNAVAILABLE)

    assert next(again).resume_token == "x"
    assert [(each.resume_token, each.from_beginning) for each in served.records.asked] == [
        ("", True),
        ("b", False),
        ("c", False),
        ("", True),
    ]
    assert found == ["a", "b", "b", "c", "c"]
    assert waits == [0.5, 0.5]


def test_waits_grow_while_nothing_comes(served: Any, client: syncline_client.Client) -> None:
    """A server that stays away is asked less and less often."""
    for _ in range(6):
        served.stream(ending=grpc.StatusCode.CANCELLED)
    served.stream(ending=grpc.StatusCode.FAILED_PRECONDITION)
    waits: list[float] = []

    with pytest.raises(FailedPrecondition):
        next(follow_changes(client, REQUEST, wait=waits.append))

    assert waits == [0.5, 1.0, 2.0, 5.0, 10.0, 10.0]


def test_caller_with_too_many_streams_waits(served: Any, client: syncline_client.Client) -> None:
    """Who watches too much, or calls too often, is told later what happened, and not never."""
    later = error_details_pb2.RetryInfo()
    later.retry_delay.FromSeconds(10)
    served.stream(ending=grpc.StatusCode.RESOURCE_EXHAUSTED)
    served.stream("a", ending=grpc.StatusCode.RESOURCE_EXHAUSTED, details=(later,))
    served.stream(ending=grpc.StatusCode.FAILED_PRECONDITION)
    waits: list[float] = []

    with pytest.raises(FailedPrecondition):
        for _ in follow_changes(client, REQUEST, wait=waits.append):
            pass

    assert waits == [0.5, 10.0]


def test_request_of_the_caller_stays_as_it_is(served: Any, client: syncline_client.Client) -> None:
    """What was asked with can be asked with again."""
    served.stream("a", ending=grpc.StatusCode.FAILED_PRECONDITION)
    request = WatchChangesRequest(parent="workspaces/acme")
    with pytest.raises(FailedPrecondition):
        list(follow_changes(client, request))

    assert request == WatchChangesRequest(parent="workspaces/acme")

"""Following what changes in a workspace through restarts and cuts, missing nothing."""

import time
from collections.abc import Callable, Iterator
from itertools import chain, repeat

from syncline.v1.record_pb2 import WatchChangesRequest, WatchChangesResponse
from syncline_client._client import Client
from syncline_client.errors import Cancelled, ResourceExhausted, Unavailable

_PAUSES = (0.5, 1.0, 2.0, 5.0)
_LONGEST_PAUSE = 10.0


def follow_changes(
    client: Client, request: WatchChangesRequest, *, wait: Callable[[float], object] = time.sleep
) -> Iterator[WatchChangesResponse]:
    """Yield what ``WatchChanges`` sends, for ever; a stream that breaks goes on where it was.

    Keep the ``resume_token`` of the last response you took care of, and begin with it after a
    restart of your own. A response may be empty: then only the token moved on.

    :param request: where to begin, and what to follow.
    :param wait: lets seconds pass before the next attempt.
    :raises SynclineError: what coming back does not mend; :class:`FailedPrecondition` with the
        reason CHANGE_TOKEN_EXPIRED says that the lists have to be read anew.
    """
    wanted = WatchChangesRequest()
    wanted.CopyFrom(request)
    pauses = _pauses()
    while True:
        stream = client.records.WatchChanges(wanted)
        try:
            for answer in stream:
                yield answer
                wanted.resume_token, wanted.from_beginning = answer.resume_token, False
                pauses = _pauses()
        except (Unavailable, Cancelled):  # a restart, or cut off for not reading
            wait(next(pauses))
        except ResourceExhausted as refused:  # too many calls or streams, for a while
            pause = next(pauses)
            after = refused.retry_after
            wait(pause if after is None else max(pause, after.total_seconds()))
        finally:
            stream.cancel()


def _pauses() -> Iterator[float]:
    return chain(_PAUSES, repeat(_LONGEST_PAUSE))

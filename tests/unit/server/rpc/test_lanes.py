import threading
from collections.abc import Iterator

import pytest

from syncline_server.rpc.lanes import Lanes

LONG = 30.0


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    """Three threads, of which a caller may hold two."""
    lanes = Lanes(3, 2, "lane")
    yield lanes
    lanes.shut_down()


def test_caller_holds_no_more_than_its_share(lanes: Lanes) -> None:
    """Work that hangs keeps its own caller's waiting, and nobody else's."""
    go_on, begun = threading.Event(), threading.Semaphore(0)

    def hang() -> None:
        begun.release()
        go_on.wait(LONG)

    for _ in range(5):
        lanes.submit("one", hang)
    assert begun.acquire(timeout=LONG)
    assert begun.acquire(timeout=LONG)
    done = threading.Event()
    lanes.submit("two", done.set)

    assert done.wait(LONG)
    assert not begun.acquire(blocking=False)
    go_on.set()
    assert all(begun.acquire(timeout=LONG) for _ in range(3))


def test_work_of_a_caller_is_done_in_order(lanes: Lanes) -> None:
    """What waits is begun as it came, also after something that failed."""
    lanes = Lanes(1, 1, "lane")
    found: list[int] = []
    ready, done = threading.Event(), threading.Event()
    lanes.submit("one", lambda: ready.wait(LONG))

    def fail() -> None:
        raise ArithmeticError

    lanes.submit("one", fail)
    for number in range(3):
        lanes.submit("one", lambda number=number: found.append(number))
    lanes.submit("one", done.set)
    ready.set()

    assert done.wait(LONG)
    assert found == [0, 1, 2]
    lanes.shut_down()


def test_nothing_is_kept_of_callers_who_are_done(lanes: Lanes) -> None:
    """Any number of callers over time takes no memory."""
    done = threading.Semaphore(0)
    for number in range(50):
        lanes.submit(str(number), done.release)
    assert all(done.acquire(timeout=LONG) for _ in range(50))
    lanes.join()

    assert not lanes._busy
    assert not lanes._waiting


def test_nothing_is_at_work_behind_the_end(lanes: Lanes) -> None:
    """Who has joined may take away what the work needs."""
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(LONG)
        ended.set()

    lanes.submit("one", work)
    assert begun.wait(LONG)
    lanes.shut_down()
    joining = threading.Thread(target=lanes.join)
    joining.start()
    joining.join(0.05)
    assert joining.is_alive()
    go_on.set()
    joining.join(LONG)

    assert not joining.is_alive()
    assert ended.is_set()

import resource
from collections.abc import Iterator

import pytest

from syncline_console.open_files import most_pages, raise_limit


@pytest.fixture(autouse=True)
def limits() -> Iterator[int]:
    """How many files this process may have open at most; the limit is put back."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield most
    resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


def test_limit_that_the_system_gives_unasked_is_raised(limits: int) -> None:
    """A console takes whatever it may have."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, limits))
    raise_limit()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (limits, limits)


@pytest.mark.parametrize(
    ("limit", "pages"), [(256, 128), (1024, 824), (2200, 2000), (4096, 2000)], ids=str
)
def test_pages_leave_connections_for_everything_else(limits: int, limit: int, pages: int) -> None:
    """However few there are, pages that follow do not take those of webhooks and loads."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limits))
    assert most_pages() == pages

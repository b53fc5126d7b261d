import pytest

from syncline_server.core import etags
from syncline_server.core.errors import Aborted, Reason


@pytest.mark.parametrize("given", ["", etags.of(3)])
def test_current_or_missing_etag_passes(given: str) -> None:
    """The current etag is taken, and none asks for no check."""
    etags.refuse_stale(given, 3, "a/settings")


def test_owners_tell_like_things_apart() -> None:
    """One and the same version of two owners' things is not the same."""
    etags.refuse_stale(etags.of(3, "kauri"), 3, "a/settings", "kauri")

    with pytest.raises(Aborted):
        etags.refuse_stale(etags.of(3, "kauri"), 3, "a/settings", "rimu")


@pytest.mark.parametrize("given", [etags.of(2), etags.of(4), "3", "garbage"])
def test_any_other_etag_is_stale(given: str) -> None:
    """Anything but the current etag is refused, naming what to read again."""
    with pytest.raises(Aborted) as refused:
        etags.refuse_stale(given, 3, "a/settings")

    assert refused.value.reason is Reason.STALE_ETAG
    assert refused.value.resource == "a/settings"

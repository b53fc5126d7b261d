import base64
import json

import pytest

from syncline.v1 import run_pb2
from syncline_server.core.errors import InvalidArgument
from syncline_server.rpc.fields import Fields
from syncline_server.rpc.paging import MOST_BYTES, Page, page


def asked(**more: object) -> Page:
    """Read the page a request asks for."""
    fields = Fields()
    found = page(run_pb2.ListRunsRequest(parent="workspaces/acme", **more), fields)  # type: ignore[arg-type]  # a test's own words
    fields.refuse()
    return found


def run(name: str) -> run_pb2.Run:
    """Render a run that is only a name."""
    return run_pb2.Run(name=name)


@pytest.mark.parametrize(("given", "size"), [(0, 50), (7, 7), (1000, 1000), (1001, 1000)])
def test_size_has_a_default_and_a_limit(given: int, size: int) -> None:
    """0 means 50, and more than 1,000 counts as 1,000."""
    assert asked(page_size=given).size == size


def test_token_leads_behind_the_last_element() -> None:
    """The next page begins behind the last element of this one; the last page has no token."""
    first = asked(page_size=2).cut(["a", "b", "c"], str, run)
    second = asked(page_size=5, page_token=first.next_page_token)

    assert [each.name for each in first.messages] == ["a", "b"]
    assert second.position == "b"
    assert second.cut(["c"], str, run).next_page_token == ""


def test_token_of_another_request_is_refused() -> None:
    """Any other argument makes it another query."""
    token = asked(page_size=1).cut(["a", "b"], str, run).next_page_token

    with pytest.raises(InvalidArgument):
        asked(module="contacts", page_token=token)


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "é",
        "bnVsbA==",
        base64.urlsafe_b64encode(json.dumps([1, 2]).encode()).decode(),
        base64.urlsafe_b64encode(b'["", ""]').decode(),
        "A" * 5000,
    ],
)
def test_made_up_token_is_refused(token: str) -> None:
    """What was never a token is INVALID_ARGUMENT, whatever is in it."""
    with pytest.raises(InvalidArgument):
        asked(page_token=token)


@pytest.mark.parametrize("position", ["no number", "9" * 19])
def test_forged_position_harms_nothing(position: str) -> None:
    """A token grants nothing: a position that no element has reads as the beginning."""
    query = asked().query
    token = base64.urlsafe_b64encode(json.dumps([query, position]).encode()).decode()

    assert asked(page_token=token).number == 0
    with pytest.raises(InvalidArgument):
        bad = base64.urlsafe_b64encode(json.dumps([query, "a\x00"]).encode()).decode()
        asked(page_token=bad)


def test_page_stops_before_it_is_too_large() -> None:
    """Large elements make a shorter page, and at least one of them is sent."""
    large = "x" * (MOST_BYTES // 2)

    cut = asked(page_size=10).cut([large] * 4, lambda _: "position", run)
    single = asked(page_size=10).cut([large * 3, "a"], lambda _: "position", run)

    assert len(cut.messages) == 1
    assert cut.next_page_token
    assert len(single.messages) == 1

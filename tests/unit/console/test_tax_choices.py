"""What becomes of choices that were refused."""

import grpc

from syncline_client import Aborted
from syncline_client.errors import Explanation
from syncline_console.tax_board import NOT_USED, board
from syncline_console.tax_choices import Choice, refused

STALE = Explanation(
    code=grpc.StatusCode.ABORTED, message="Stale.", reason="STALE_ETAG", metadata={}
)


def test_choice_for_what_is_gone_is_not_taken_for_saved() -> None:
    """A tax type that went away before it was looked at again was settled by nobody."""
    choice = Choice(tax_type="OUTPUT", chosen=NOT_USED, shown="", etag="1")

    outcome = refused(Aborted(STALE), {"OUTPUT": choice}, board([], []))

    assert outcome.overtaken == {"OUTPUT": NOT_USED}

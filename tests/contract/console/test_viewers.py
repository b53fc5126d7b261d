"""What somebody sees of runs and invoices who may look only."""

import pytest

from invoicing import complete_chain, confirmed, linked, stock, stored_run
from pulled import HERE
from signing_in import SignedIn
from wiring import Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_viewer_sees_everything_and_no_buttons(server: Served, signed_in: SignedIn) -> None:
    """Runs, invoices and their numbers are shown; nothing there posts anything."""
    complete_chain(server.wired)
    stock(server.wired)
    confirmed(server.wired, "one")
    linked(server.wired, "sent")
    run = stored_run(server.wired)
    viewer = signed_in("VIEWER", "acme")

    paths = (f"runs/{run.id}", "invoices", "invoices?list=linked")
    pages = [viewer.open(f"{HERE}/{path}") for path in paths]

    running, open_ones, sent = (page.text for page in pages)
    assert ["Running" in running, "N-one" in open_ones, "N-sent" in sent] == [True] * 3
    assert "Operators of the workspace can push these" in open_ones
    for page in pages:
        assert not page.html.select("main form[method=post] button, main [name=invoice]")

"""What somebody sees of runs and invoices who may look only."""

import pytest

from invoicing import complete_chain, confirmed, linked, meet, stock, stored_run, unmap_tax
from pulled import HERE
from signing_in import SignedIn
from syncline_sdk import Issue, RecordKind
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


def test_every_link_beside_what_is_wrong_can_be_followed(
    server: Served, signed_in: SignedIn
) -> None:
    """A viewer is led to where they can look, and told who can settle it."""
    complete_chain(server.wired)
    stock(server.wired)
    confirmed(server.wired, "one")
    unmap_tax(server.wired)
    run = stored_run(server.wired)
    words = {"message": "Two fit.", "action": "Choose one.", "record_name": "Kerr Ltd"}
    for code in ("CONTACT_AMBIGUOUS", "CONTACT_VANISHED"):
        issue = Issue(code=code, kind=RecordKind.CONTACT, record_id=code, **words)
        meet(server.wired, run, issue)
    viewer = signed_in("VIEWER", "acme")

    pages = [viewer.open(f"{HERE}/{path}") for path in ("issues", "invoices?show=blocked")]

    for page in pages:
        links = [str(each["href"]) for each in page.html.select(".issue a.button")]
        assert links
        assert {viewer.open(each).status for each in links} == {200}
        assert "Operators of the workspace can settle these" in page.text

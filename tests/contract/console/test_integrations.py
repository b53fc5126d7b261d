"""Configuration → Integrations."""

from browsing import Surfer


def test_every_provider_leads_to_its_page(surfer: Surfer) -> None:
    """The list has a card for each installed provider, with a link to its own page."""
    page = surfer.open("/workspaces/acme/integrations")

    links = [str(each["href"]) for each in page.html.select(".card a")]
    assert links
    for link in links:
        assert surfer.open(link).status == 200

"""The page at `/`: what this is and how to steer it."""

from collections.abc import Sequence
from html import escape

from syncline_xero_simulator.control.desk import Desk, Route
from syncline_xero_simulator.oauth.pages import page


def home_page(desk: Desk, routes: Sequence[Route]) -> str:
    """Return the page as HTML."""
    app = desk.config.app
    organisations = "".join(
        f"<tr><td>{escape(books.profile.name)}</td><td>{escape(books.profile.country)}</td>"
        f"<td><code>{escape(books.profile.tenant_id)}</code></td></tr>"
        for books in desk.parts.organisations.all()
    )
    redirects = ", ".join(f"<code>{escape(uri)}</code>" for uri in app.redirect_uris)
    rows = "".join(
        f"<tr><td>{escape(route.method)}</td><td><code>{escape(route.path)}</code></td>"
        f"<td>{escape(route.text)}</td></tr>"
        for route in routes
    )
    return page(
        "Xero simulator",
        "<p>An HTTP Xero to run and test against. It holds invented data and talks to nobody.</p>"
        f"<h2>Organisations</h2><table><tr><th>Name<th>Country<th>Tenant id</tr>{organisations}"
        f"</table><h2>App</h2><p>Client id <code>{escape(app.client_id)}</code>, redirects to "
        f"{redirects}.</p><h2 id=control>Control API</h2><table>"
        f"<tr><th>Method<th>Path<th>What it does</tr>{rows}</table>",
    )

"""Connecting: a person is sent to the provider's page, where access is approved."""

from typing import Final

from starlette.responses import Response

from syncline.v1.integration_pb2 import StartConnectionRequest, StartConnectionResponse
from syncline_client import InvalidArgument
from syncline_console.consent_cookie import bind, new_secret
from syncline_console.consents import remember
from syncline_console.notices import Notice, Tone
from syncline_console.people import Role
from syncline_console.public_address import is_over_https
from syncline_console.routing import CONNECTION, action
from syncline_console.views.callback import CALLBACK_PATH
from syncline_console.visit import Visit


def start(visit: Visit) -> Response:
    """Begin a consent in this browser, and lead its person to the provider.

    By a page, not by a redirect: our policy lets forms lead to ourselves alone.
    """
    secret = new_secret()
    try:
        started = _started(visit, secret)
    except InvalidArgument as error:
        if [each.field for each in error.violations] != ["redirect_uri"]:
            raise
        return visit.go(visit.path(), _not_allowed(visit))
    remember(visit.request.session, started.state, visit.connection)
    page = visit.page("leaving.html", address=started.authorization_url)
    bind(page, secret, over_https=is_over_https(visit.house.public_url))
    return page


def _started(visit: Visit, secret: str) -> StartConnectionResponse:
    request = StartConnectionRequest(
        parent=visit.parent,
        provider=visit.provider,
        redirect_uri=_redirect_uri(visit),
        browser_binding=secret,
    )
    return visit.ask(visit.client.integrations.StartConnection, request)


def _not_allowed(visit: Visit) -> Notice:
    address = _redirect_uri(visit)
    return Notice(
        tone=Tone.ERROR,
        text="Nobody can be sent back here after an approval, so nothing was started.",
        details=(
            (
                f"An operator must allow {address} in the server's SYNCLINE_REDIRECT_URIS, or set"
                " SYNCLINE_CONSOLE_PUBLIC_URL to the console's own address."
            ),
        ),
    )


def _redirect_uri(visit: Visit) -> str:
    return f"{visit.house.public_url}{CALLBACK_PATH}"


ROUTES: Final = (action(f"{CONNECTION}/connect", start, needs=Role.ADMIN, back=CONNECTION),)

"""Access to the simulated Xero without Syncline, for what it is compared with."""

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from local_stack import LocalStack

_CLIENT = ("syncline-local", "syncline-local-secret")
_VERIFIER = "v" * 64


@dataclass(frozen=True, kw_only=True)
class Access:
    """What a program needs to read one organisation."""

    url: str
    token: str
    tenant: str


def granted(xero: LocalStack, organisation: str) -> Access:
    """Return access to an organisation, as a person would grant it."""
    url = xero.settings.simulator.url
    landing = xero.simulator.approve_access(_authorize_url(xero, url), organisation)
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(landing).query)["code"][0],
        "redirect_uri": xero.settings.redirect_uri,
        "code_verifier": _VERIFIER,
    }
    with httpx.Client(base_url=url, trust_env=False) as http:
        token = http.post("/connect/token", data=form, auth=_CLIENT).json()["access_token"]
    (tenant,) = (
        one["tenant_id"]
        for one in xero.control("GET", "/organisations")["organisations"]
        if one["name"] == organisation
    )
    return Access(url=url, token=token, tenant=tenant)


def _authorize_url(xero: LocalStack, url: str) -> str:
    digest = hashlib.sha256(_VERIFIER.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": _CLIENT[0],
        "redirect_uri": xero.settings.redirect_uri,
        "scope": "openid profile email offline_access accounting.contacts",
        "state": "bench",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return f"{url}/identity/connect/authorize?{urlencode(query)}"

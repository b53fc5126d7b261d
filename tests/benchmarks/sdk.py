"""Xero's own Python SDK, which reads the same pages and keeps nothing, beside a whole pull."""

import time
from collections.abc import Iterator
from statistics import median

from access import Access, granted
from figures import Figure, middle_ratio
from good_pipeline import PAGE
from lab import Lab, pull_seconds
from processes import apart
from sizes import Sizes
from xero_python.accounting import AccountingApi
from xero_python.api_client import ApiClient, Configuration
from xero_python.api_client.oauth2 import OAuth2Token

_PER = 100_000


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield our CPU for a contact against the SDK's."""
    organisation = lab.organisation(sizes.contacts)
    access = granted(lab.xero, organisation)
    pairs = [
        (
            pull_seconds(lab, organisation) * _PER / sizes.contacts,
            apart(read, access, sizes.sdk_contacts) * _PER / sizes.sdk_contacts,
        )
        for _ in range(sizes.rounds)
    ]
    ours, theirs = (median(values) for values in zip(*pairs, strict=True))
    yield Figure(
        name="pull into SQLite: CPU ÷ Xero's SDK, which stores nothing",
        measured=middle_ratio(pairs),
        goal=1 / 3,
        told=f"{ours:.2f} ÷ {theirs:.2f} s per 100k",
    )


def read(access: Access, contacts: int) -> float:
    """Read so many contacts with the SDK; return the seconds of processor time it took."""
    token = {
        "access_token": access.token,
        "token_type": "Bearer",
        "scope": ["accounting.contacts"],
        "expires_in": 1800,
        "expires_at": time.time() + 1800,
    }
    holder = OAuth2Token(client_id="", client_secret="")
    holder.update_token(**token)
    client = ApiClient(
        Configuration(oauth2_token=holder),
        oauth2_token_getter=lambda: token,
        oauth2_token_saver=token.update,
    )
    accounting = AccountingApi(client, f"{access.url}/api.xro/2.0")
    started = time.process_time()
    for page in range(1, contacts // PAGE + 1):
        accounting.get_contacts(access.tenant, page=page, page_size=PAGE, include_archived=True)
    return time.process_time() - started

"""Nothing that holds a secret shows it when it is printed, in a log, a traceback or a debugger."""

import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import msgspec
import pytest

import syncline_client
import syncline_console
import syncline_demo
import syncline_sdk
import syncline_server
import syncline_xero
from syncline_server.core.tokens import TokenSet
from syncline_server.oauth.endpoint import _Answer
from syncline_server.rpc.identity import Arrival

# The simulator plays a provider: its secrets are made up.
PACKAGES = (
    syncline_client,
    syncline_console,
    syncline_demo,
    syncline_sdk,
    syncline_server,
    syncline_xero,
)
SOUNDS_SECRET = re.compile(
    r"(?:^|_)(?:tokens?|secrets?|passwords?|passphrase|verifier|credentials?|authorization|bearer|"
    r"access|refresh|cipher|encryption_keys|webhook_keys|keys_command|database_url|metadata|"
    r"cookies?|environ(?:ment)?|browser|sealed\w*)$"
)
SHOWN = {
    "CallDetails.credentials": "gRPC's own object, which shows nothing",
    "Explanation.metadata": "of a refusal, which holds no secret",
    "Addresses.token": "an address",
    "Grant.tokens": "a TokenSet, which shows nothing",
    "Arrival.tokens": "a TokenSet, which shows nothing",
    "Backstage.access": "what is wired",
    "App.access": "what is wired",
    "Callers.tokens": "what is wired",
    "Identity.credentials": "the kind of them",
    "Actor.credentials": "the kind of them",
    "Acting.token": "a ContextVar's, to go back to what was before",
    "Worker.access": "what is wired",
    "CustomerDraft.web_access": "a switch of a customer",
    "Customer.web_access": "a switch of a customer",
    "KeyUse.secrets": "a number",
    "Cut.next_page_token": "grants nothing (docs/security.md, Callers)",
    "Leaf.next_token": "the same, in the console",
    "Wanted.token": "likewise",
}
"""Fields that sound secret, are shown, and why they may be."""


def modules() -> Iterator[ModuleType]:
    """Return every module of ours that can be imported without running anything."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__") and ".migrations" not in found.name:
                yield importlib.import_module(found.name)


def classes() -> Iterator[type]:
    """Return every class of ours."""
    for module in modules():
        for each in vars(module).values():
            if inspect.isclass(each) and each.__module__ == module.__name__:
                yield each


def shown(kind: type) -> list[str]:
    """Return the fields that the representation of a class shows."""
    if dataclasses.is_dataclass(kind):
        made = hasattr(kind.__repr__, "__wrapped__")  # one of its own is none that is made
        return [each.name for each in dataclasses.fields(kind) if each.repr] if made else []
    if issubclass(kind, msgspec.Struct):
        return list(kind.__struct_fields__) if kind.__repr__ is msgspec.Struct.__repr__ else []
    return list(getattr(kind, "_fields", ())) if issubclass(kind, tuple) else []


def found() -> set[str]:
    """Return the fields that sound secret and are shown."""
    return {
        f"{kind.__name__}.{name}"
        for kind in classes()
        for name in shown(kind)
        if SOUNDS_SECRET.search(name)
    }


def test_no_field_that_sounds_secret_is_shown() -> None:
    """Whoever adds one hides it, or writes down here why it may be seen."""
    assert found() == SHOWN.keys()


@pytest.mark.parametrize(
    "value",
    [
        TokenSet(access="planted", refresh="planted", expire_time=None),  # type: ignore[arg-type]
        _Answer(access_token="planted", refresh_token="planted"),
        Arrival(metadata=(("authorization", "Bearer planted"),)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_holds_secrets_can_be_printed(value: object) -> None:
    """The rule above looks at what is declared; this, at what is printed."""
    assert "planted" not in repr(value)
    assert "planted" not in f"{value}"

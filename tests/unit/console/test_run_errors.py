"""Why a run failed, in a person's words."""

import pytest
from google.rpc import error_details_pb2

from syncline.v1.integration_pb2 import Connection
from syncline.v1.run_pb2 import Run
from syncline_console.advice import Guide
from syncline_console.fragments import Looker
from syncline_console.run_errors import trouble
from syncline_console.standing import Standing

GUIDE = Guide(
    standing=Standing(connection=Connection(provider_title="Xero"), modules=[], toggles=[]),
    looker=Looker(workspace="acme", provider="xero", role=None),
)
GONE = "When its turn came, something it needs was not there any more."


def failed(message: str, reason: str, description: str) -> Run:
    """Return a run that ended with one thing in its way."""
    run = Run()
    run.error.message = message
    failure = error_details_pb2.PreconditionFailure()
    failure.violations.add(type=reason, subject="items", description=description)
    run.error.details.add().Pack(failure)
    return run


@pytest.mark.parametrize(
    ("message", "reason", "description", "told"),
    [
        ("First: Call Update.", "MODULE_OFF", "Call Update.", (GONE, "Call Update.")),
        ("First: Call Start.", "NOT_CONNECTED", "Call Start.", (GONE, "Connect Xero.")),
        ("Xero ended it.", "NOT_CONNECTED", "Call Start.", ("Xero ended it.", "Connect Xero.")),
        ("It broke. Try it.", "MODULE_CRASHED", "Try it.", ("It broke. Try it.", "Try it.")),
    ],
    ids=["chain", "access-repeated", "access", "fault"],
)
def test_message_for_callers_is_not_shown(
    message: str, reason: str, description: str, told: tuple[str, str]
) -> None:
    """What repeats the steps in words of the API gives way; what says more stays."""
    found = trouble(failed(message, reason, description), GUIDE)

    assert found
    assert (found.text, *(each.text for each in found.advice)) == told


def test_run_without_an_error_is_no_trouble() -> None:
    """There is nothing to say of it."""
    assert trouble(Run(), GUIDE) is None

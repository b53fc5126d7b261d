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
        ("First: Turn it on.", "MODULE_OFF", "Turn it on.", (GONE, "Turn it on.")),
        ("First: Connect.", "NOT_CONNECTED", "Connect.", (GONE, "Connect.")),
        ("Xero ended it.", "NOT_CONNECTED", "Connect.", ("Xero ended it.", "Connect.")),
        ("It broke. Try it.", "MODULE_CRASHED", "Try it.", ("It broke. Try it.", "Try it.")),
    ],
    ids=["chain", "access-repeated", "access", "fault"],
)
def test_message_that_repeats_the_steps_is_not_shown(
    message: str, reason: str, description: str, told: tuple[str, str]
) -> None:
    """What tells the steps of a run that has not begun gives way; what says more stays."""
    found = trouble(failed(message, reason, description), GUIDE)

    assert found
    assert (found.text, *(each.text for each in found.advice)) == told


def test_run_without_an_error_is_no_trouble() -> None:
    """There is nothing to say of it."""
    assert trouble(Run(), GUIDE) is None

import base64
import json

import pytest

from syncline_server.core.errors import InvalidArgument
from syncline_server.rpc import resuming
from syncline_server.rpc.fields import Fields


def read(token: str, workspace: str = "acme") -> int:
    """Return what a token says; raises what is wrong with it."""
    fields = Fields()
    number = resuming.number_of(token, workspace, fields)
    fields.refuse()
    return number


def forged(content: object) -> str:
    """Return a token nobody was given."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def test_token_leads_back_to_its_number() -> None:
    """What was given out is understood again."""
    assert read(resuming.token("acme", 41)) == 41


@pytest.mark.parametrize(
    "token",
    [
        resuming.token("globex", 41),
        "x",
        "!!",
        "é",
        forged(["acme"]),
        forged(["acme", "41"]),
        forged(["acme", -1]),
        forged(["acme", 1.5]),
        forged(["acme", True]),
        forged(["acme", 2**63]),
        forged({"acme": 1}),
        forged(None),
        "A" * 5000,
    ],
)
def test_other_token_is_refused_by_its_field(token: str) -> None:
    """Another workspace's token, and whatever is none, is a violation of resume_token."""
    with pytest.raises(InvalidArgument) as refusal:
        read(token)

    assert [each.field for each in refusal.value.violations] == ["resume_token"]

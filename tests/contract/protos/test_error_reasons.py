import re

import grpc
import pytest

from declarations import Declaration
from syncline.v1.error_reason_pb2 import ErrorReason
from syncline_server.core.errors import Reason

PREFIX = "ERROR_REASON_"
LAST_LINE = re.compile(r"^ ?Code: (?P<code>[A-Z_]+)\. Metadata: (?P<keys>none|`[a-z_]+`.*)\.$")
CODES = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.INTERNAL,
}


@pytest.fixture(scope="session")
def reasons(declared: list[Declaration]) -> dict[str, str]:
    """Every reason that can be sent, with its comment."""
    return {
        found.name.rpartition(PREFIX)[2]: found.comment
        for found in declared
        if f".ErrorReason.{PREFIX}" in found.name and not found.name.endswith("_UNSPECIFIED")
    }


def test_every_reason_says_its_code_and_metadata(reasons: dict[str, str]) -> None:
    """A comment ends with the code and the metadata keys, one of the codes the API uses."""
    assert len(reasons) == len(ErrorReason.keys()) - 1
    for reason, comment in reasons.items():
        found = LAST_LINE.match(comment.splitlines()[-1])
        assert found is not None, reason
        assert grpc.StatusCode[found["code"]] in CODES


def test_reasons_fit_into_error_info(reasons: dict[str, str]) -> None:
    """ErrorInfo takes UPPER_SNAKE of at most 63 characters (AIP-193)."""
    assert [name for name in reasons if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,62}", name)] == []


def test_codes_match_their_details(reasons: dict[str, str]) -> None:
    """What the code promises beside ErrorInfo shows in the metadata, too."""
    keys = {"FAILED_PRECONDITION": "`subjects`", "ABORTED": "`resource`", "NOT_FOUND": "`resource`"}
    for reason, comment in reasons.items():
        found = LAST_LINE.match(comment.splitlines()[-1])
        assert found is not None
        assert found["keys"].startswith(keys.get(found["code"], "")), reason


def test_the_servers_reasons_are_the_documented_ones(reasons: dict[str, str]) -> None:
    """The server sends no reason that is not documented, and each documented one is its own."""
    assert {*Reason, "INTERNAL"} == set(reasons)

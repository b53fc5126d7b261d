import pytest

from fuzz_calls import METHODS, Answer, _problem, mutants
from fuzz_http import answered
from limits import rules_of
from syncline.v1.record_pb2 import ListCustomersRequest


@pytest.mark.parametrize(
    ("code", "reason", "problem"),
    [
        ("OK", "", ""),
        ("NOT_FOUND", "RESOURCE_NOT_FOUND", ""),
        ("INTERNAL", "INTERNAL", "INTERNAL"),
        ("UNKNOWN", "", "UNKNOWN"),
        ("DEADLINE_EXCEEDED", "", "DEADLINE_EXCEEDED"),
        ("NOT_FOUND", "", "NOT_FOUND without a reason"),
        ("RESOURCE_EXHAUSTED", "", "RESOURCE_EXHAUSTED without a reason"),
    ],
)
def test_what_no_answer_may_be(code: str, reason: str, problem: str) -> None:
    """Failures, hangs and refusals without a reason are found, and nothing else is."""
    assert _problem(Answer(code=code, reason=reason, seconds=0), b"") == problem


def test_only_grpcs_own_limit_needs_no_reason() -> None:
    """A request beyond what gRPC takes never reaches us, so its refusal has no details of ours."""
    answer = Answer(code="RESOURCE_EXHAUSTED", reason="", seconds=0)
    assert _problem(answer, bytes(4 * 1024 * 1024 + 1)) == ""


def test_spoiled_copies_are_the_same_each_time() -> None:
    """What was found once is found again."""
    payload = ListCustomersRequest(parent="workspaces/acme").SerializeToString()
    copies = list(mutants(payload, 20))
    assert copies == list(mutants(payload, 20))
    assert len(set(copies)) > 10
    assert list(mutants(b"", 3))


def test_rules_are_read_from_the_stubs() -> None:
    """A field's rules are those of its .proto file."""
    fields = ListCustomersRequest.DESCRIPTOR.fields_by_name
    assert rules_of(fields["query"]).string.max_len == 200
    assert not rules_of(fields["active_only"]).ByteSize()


def test_every_method_is_there() -> None:
    """By its path, streams too."""
    assert "/syncline.v1.RecordService/WatchChanges" in METHODS


def test_nobody_there_is_no_answer() -> None:
    """A port that nobody listens on is an error of the test, not a finding."""
    with pytest.raises(OSError, match="refused"):
        answered(1, b"GET / HTTP/1.0\r\n\r\n")

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncline_server.core import provenance
from syncline_server.core.provenance import Source

MADE = datetime(2026, 10, 1, 12, tzinfo=UTC)
LATER = MADE + timedelta(hours=1, microseconds=1)
XERO = Source(MADE, "xero", "kauri")
READ = Source(LATER, "xero", "kauri")
FIELDS = st.sampled_from(["code", "display_name", "email", "notes"])
SOURCES = st.dictionaries(
    FIELDS, st.builds(Source, st.sampled_from([MADE, LATER]), st.text(), st.text())
)


@given(SOURCES)
def test_sources_survive_being_written_down(sources: dict[str, Source]) -> None:
    """Whatever the sources are, their text gives them back, to the microsecond."""
    assert provenance.parse(provenance.render(sources)) == sources


def test_fields_of_one_source_are_written_once() -> None:
    """A record that was taken over at once costs one group, however many fields it has."""
    text = provenance.render({"code": XERO, "email": XERO})

    assert text == '[["xero","kauri","2026-10-01T12:00:00Z",["code","email"]]]'


def test_field_nobody_wrote_down_was_set_here_with_the_record() -> None:
    """A record that was made here needs no text."""
    assert provenance.of_field({}, "code", MADE) == Source(MADE)
    assert provenance.of_field({"code": XERO}, "code", LATER) == XERO


def test_record_from_before_counts_as_set_here_when_it_changed_last() -> None:
    """Nobody knows more, and a later change of one field leaves the others as they are."""
    before = provenance.unrecorded(("code", "email"), MADE)

    after = provenance.set_here(before, {"email"}, LATER)

    assert after == {"code": Source(MADE), "email": Source(LATER)}


def test_change_here_moves_the_changed_fields_alone() -> None:
    """What a person changed is ours from then on; what stayed is whose it was."""
    after = provenance.set_here({"code": XERO, "email": XERO}, {"email"}, LATER)

    assert after == {"code": XERO, "email": Source(LATER)}


def test_unchanged_value_keeps_its_time() -> None:
    """A provider's record that is read again moves the fields whose value changed."""
    before = {"code": XERO, "email": XERO, "notes": Source(MADE)}

    after = provenance.taken_over(before, READ, ("code", "email"), {"email"})

    assert after == {"code": XERO, "email": READ, "notes": Source(MADE)}


def test_value_of_ours_becomes_the_providers_also_when_it_is_equal() -> None:
    """So does one of another organisation, and one nobody wrote down."""
    before = {"code": Source(MADE), "email": Source(MADE, "xero", "rata")}

    after = provenance.taken_over(before, READ, ("code", "email", "phone"), set())

    assert after == {"code": READ, "email": READ, "phone": READ}

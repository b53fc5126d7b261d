import pytest

from syncline_sdk import RecordKind
from syncline_server.core import customer_draft, product_draft
from syncline_server.core.ownership import wire_name
from syncline_server.core.record_fields import ALWAYS_LOCAL, OWNABLE

LONGEST = 50
MOST = 20


@pytest.mark.parametrize(
    ("kind", "fields"),
    [(RecordKind.CONTACT, customer_draft.FIELDS), (RecordKind.ITEM, product_draft.FIELDS)],
)
def test_every_field_people_see_has_words(kind: RecordKind, fields: tuple[str, ...]) -> None:
    """Each field that can be set has a title, and no title is longer than the API says."""
    ownable = {wire_name(each): title for each, title in OWNABLE[kind].items()}
    titles = {**ownable, **ALWAYS_LOCAL[kind]}

    assert not ownable.keys() & ALWAYS_LOCAL[kind].keys()
    assert titles.keys() == set(fields) - {"external_id"}
    assert all(0 < len(title) <= LONGEST for title in titles.values())
    assert len(titles) <= MOST

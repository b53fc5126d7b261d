"""Whose fields are whose, in words."""

import pytest

from syncline.v1.integration_pb2 import Node
from syncline.v1.ownership_pb2 import FieldOwnership, RecordField
from syncline.v1.run_pb2 import RecordKind
from syncline_console.ownership import owned_by

NAME = RecordField(title="name")
CODE = RecordField(title="code")
PHONE = RecordField(title="phone", setting="phone_field")
ADDRESS = RecordField(title="address", setting="address_field")


def node(*theirs: RecordField) -> Node:
    """Return a module that owns these fields, and notes never."""
    told = FieldOwnership(provider_fields=theirs, local_fields=[RecordField(title="notes"), CODE])
    return Node(record_kind=RecordKind.RECORD_KIND_CONTACT, ownership=told)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ((NAME, CODE), "name, code"),
        ((PHONE, NAME), "name; phone where it is synced"),
        ((NAME, PHONE, ADDRESS), "name; phone and address where they are synced"),
        ((ADDRESS,), "address where it is synced"),
    ],
)
def test_fields_that_depend_on_a_setting_come_last(
    fields: tuple[RecordField, ...], text: str
) -> None:
    """What is always the provider's is told before what somebody chose."""
    found = owned_by(node(*fields))

    assert found
    assert (found.noun, found.theirs, found.ours) == ("customers", text, "notes, code")


def test_nothing_is_told_where_nothing_is_declared() -> None:
    """No kind of record has an owner by itself."""
    assert owned_by(Node(record_kind=RecordKind.RECORD_KIND_CONTACT)) is None

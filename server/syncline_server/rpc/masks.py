"""Update masks of records (AIP-134): which fields an update sets."""

from collections.abc import Collection
from typing import Final

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from syncline_server.rpc.fields import Fields

ALL: Final = "*"


def named(
    mask: FieldMask,
    message: Message,
    settable: Collection[str],
    fields: Fields,
    at: str = "",
) -> frozenset[str]:
    """Return the fields of a record that an update sets.

    An empty mask names what is populated, ``*`` everything. What only the server sets is ignored.

    :param settable: what a caller can set.
    :param at: where the mask's parent is in the request; ends with a dot.
    """
    if not mask.paths:
        return frozenset(field.name for field, _ in message.ListFields()) & frozenset(settable)
    for index, path in enumerate(mask.paths):
        if path != ALL and path not in message.DESCRIPTOR.fields_by_name:
            known = ", ".join((*settable, ALL))
            fields.wrong(
                f"{at}update_mask.paths[{index}]", f"{path} is unknown; known are: {known}"
            )
    return frozenset(settable if ALL in mask.paths else mask.paths) & frozenset(settable)

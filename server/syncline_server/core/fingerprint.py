"""A short text that changes whenever a record, or what we take of it, changes."""

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

_ENCODER = msgspec.json.Encoder(decimal_format="string")


class Fingerprinter:
    """Fingerprints records under one choice of owned fields.

    :param fields: names of the fields that are taken; another choice makes every fingerprint
        different, so that a full read under new settings finds everything changed.
    """

    def __init__(self, fields: Iterable[str]) -> None:
        self._seed = blake2b(",".join(sorted(fields)).encode(), digest_size=16)

    def of(self, *parts: object) -> str:
        """Return the fingerprint of neutral records and plain values, in this order."""
        digest = self._seed.copy()
        digest.update(_ENCODER.encode(parts))
        return digest.hexdigest()

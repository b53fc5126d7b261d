"""Which encryption keys are in use, and bringing everything under the first of them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from syncline_server.storage import sealed
from syncline_server.storage.cipher import Cipher, CipherError, is_envelope
from syncline_server.storage.database import Database
from syncline_server.storage.sealed import Column, Sealed

_PAGE: Final = 200
"""Secrets read and written at once; their rows are locked for as long as that takes."""
_ROUNDS: Final = 20

Progress = Callable[[str, int, int], None]
"""Told after each page: table, how many were looked at in it, how many of these brought over."""


@dataclass(frozen=True, kw_only=True)
class KeyUse:
    """How many stored secrets need a key."""

    key_id: str
    """Empty stands for keys that cannot be told apart: none of the ring fits an old secret."""
    in_ring: bool
    is_first: bool
    secrets: int
    fernet: int
    """How many of these are of before there were envelopes."""

    @property
    def may_be_dropped(self) -> bool:
        """Return whether nothing stored needs it, and nothing is encrypted with it here."""
        return self.in_ring and not self.is_first and not self.secrets


@dataclass(frozen=True, kw_only=True)
class Rotated:
    """What came of bringing everything under the first key."""

    moved: int
    unreadable: int
    """How many do not open, with whatever key of the ring."""
    contested: int
    """How many somebody wrote each time just before they could be; they are under some key."""


class Keys:
    """Looks after what is stored encrypted; beside servers that serve and renew.

    :param cipher: its first key is the one to bring everything under.
    """

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def in_use(self) -> list[KeyUse]:
        """Return the keys of the ring in their order, then those that are missing from it."""
        counts: Counter[tuple[str, bool]] = Counter()
        for column in sealed.COLUMNS:
            for page in sealed.pages(self._database, column, _PAGE):
                for secret in page:
                    key_id = self._cipher.key_of(secret.text)
                    counts[key_id, is_envelope(secret.text)] += 1
        ring = self._cipher.key_ids
        missing = sorted({key_id for key_id, _ in counts} - set(ring))
        return [
            KeyUse(
                key_id=key_id,
                in_ring=key_id in ring,
                is_first=key_id == ring[0],
                secrets=counts[key_id, True] + counts[key_id, False],
                fernet=counts[key_id, False],
            )
            for key_id in (*ring, *missing)
        ]

    def rotate(self, told: Progress) -> Rotated:
        """Bring every secret under the first key; what is there already stays as it is.

        A secret is written only where its row still holds what was read, so a token renewed
        meanwhile is never overwritten. May be ended at any time and done again.
        """
        moved, contested, unreadable = 0, 0, 0
        for column in sealed.COLUMNS:
            for _ in range(_ROUNDS):
                done, left, closed = self._round(column, told)
                moved += done
                if not left:
                    break
            contested += left
            unreadable += closed
        return Rotated(moved=moved, unreadable=unreadable, contested=contested)

    def _round(self, column: Column, told: Progress) -> tuple[int, int, int]:
        """Go through a column once; return how many moved, were contested, and do not open."""
        seen, moved, contested, closed = 0, 0, 0, 0
        for page in sealed.pages(self._database, column, _PAGE):
            due = [secret for secret in page if not self._is_settled(secret)]
            changes = [(secret, new) for secret in due if (new := self._rewrapped(secret))]
            done = sealed.replace(self._database, column, changes) if changes else 0
            seen += len(page)
            moved += done
            contested += len(changes) - done
            closed += len(due) - len(changes)
            told(column.table, seen, moved)
        return moved, contested, closed

    def _is_settled(self, secret: Sealed) -> bool:
        is_first = self._cipher.key_of(secret.text) == self._cipher.key_ids[0]
        return is_first and is_envelope(secret.text)

    def _rewrapped(self, secret: Sealed) -> str | None:
        try:
            return self._cipher.rewrap(secret.text, secret.place)
        except CipherError:
            return None

"""How much of something may be had over time: a token bucket, kept as one moment.

The generic cell rate algorithm (ITU-T I.371, Annex A): instead of what is in the bucket, the moment
is kept at which it will be full again. A bucket whose moment has passed is like one never touched,
so that it may be forgotten.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What one may have."""

    per_minute: int
    """How much, in the long run; above 0."""
    burst: int
    """How much at once, after a pause; above 0."""

    def spend(self, full: float, now: float, cost: int) -> float:
        """Return the moment of being full after a cost was paid.

        :param full: that moment so far, in seconds; anything in the past where none is known.
        """
        return max(full, now) + cost * 60 / self.per_minute

    def wait(self, full: float, now: float, cost: int) -> float:
        """Return for how many seconds a cost cannot be paid yet; 0 when it can, at once.

        What costs more than the burst can be paid from a full bucket.
        """
        size = max(self.burst, cost) * 60 / self.per_minute
        return max(self.spend(full, now, cost) - now - size, 0.0)

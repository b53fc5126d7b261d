"""A plan's outbox: there is nothing in it, so nothing is sent."""

from collections.abc import Sequence

from syncline_sdk import InvoiceState, OutgoingInvoice


class OutboxPlan:
    """An ``InvoiceOutbox`` without invoices.

    What a push would do is told by its preflight, which asks nobody.
    """

    def unresolved(self) -> Sequence[OutgoingInvoice]:
        """Return none."""
        return ()

    def prepare(self, limit: int) -> Sequence[OutgoingInvoice]:  # noqa: ARG002 - there are none
        """Return none."""
        return ()

    def sent(self, invoices: Sequence[OutgoingInvoice]) -> None:
        """Refuse what was not prepared here."""
        _refuse([each.attempt_id for each in invoices])

    def linked(self, attempt_id: str, state: InvoiceState) -> None:  # noqa: ARG002 - refused
        """Refuse a verdict on what was not sent."""
        _refuse([attempt_id])

    def rejected(
        self,
        attempt_id: str,
        code: str,  # noqa: ARG002 - refused
        message: str,  # noqa: ARG002 - refused
        *,
        holder: str = "",  # noqa: ARG002 - refused
    ) -> None:
        """Refuse a verdict on what was not sent."""
        _refuse([attempt_id])

    def absent(self, attempt_id: str) -> None:
        """Refuse a verdict on what was not sent."""
        _refuse([attempt_id])

    def failing(self, attempt_id: str, *, others_went: bool) -> None:  # noqa: ARG002 - refused
        """Refuse a word on what was not sent."""
        _refuse([attempt_id])

    def uncertain(self, attempt_ids: Sequence[str]) -> None:
        """Refuse verdicts on what was not sent."""
        _refuse(attempt_ids)


def _refuse(attempt_ids: Sequence[str]) -> None:
    if attempt_ids:
        raise ValueError(f"attempt {attempt_ids[0]} may not get this verdict now")

"""What somebody chose in the table of tax types, and what became of it when it was refused."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from google.protobuf.field_mask_pb2 import FieldMask

from syncline.v1.mapping_pb2 import TaxMapping, UpdateTaxMappingRequest
from syncline_client import Aborted, FailedPrecondition, SynclineError
from syncline_console.tax_board import NOT_USED, Board


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is chosen for one tax type, beside what was shown then."""

    tax_type: str
    chosen: str
    """Resource name of a tax code, :data:`NOT_USED`, or empty for not mapped."""
    shown: str
    """The same, as it was stored when the page was made."""
    etag: str
    confirmed: str = ""
    """The tax code to which it may be mapped although the rates differ."""
    is_kept: bool = False
    """Whether what is up for review stays as it is."""

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to save."""
        return self.is_kept or self.chosen != self.shown

    def request(self, connection: str) -> UpdateTaxMappingRequest:
        """Return what saves it.

        :param connection: resource name.
        """
        mapping = TaxMapping(name=f"{connection}/taxMappings/{self.tax_type}", etag=self.etag)
        if self.chosen == NOT_USED:
            mapping.not_used = True
        else:
            mapping.tax_code = self.chosen
        agreed = self.is_kept or bool(self.chosen and self.confirmed == self.chosen)
        mask = FieldMask(paths=["tax_code", "not_used"])
        return UpdateTaxMappingRequest(
            tax_mapping=mapping, update_mask=mask, confirm_rate_mismatch=agreed
        )


Choices = Mapping[str, Choice]
"""By tax type."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a table shows beside what is stored: choices that are not saved, and why not."""

    choices: Choices = field(default_factory=dict)
    problems: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What stands in the way, by tax type."""
    mismatched: Collection[str] = ()
    """Tax types for which it has to be confirmed that the rates differ."""
    overtaken: Mapping[str, str] = field(default_factory=dict)
    """What had been chosen where somebody else was faster, by tax type."""


def changed(choices: Choices) -> dict[str, Choice]:
    """Return those that are to be saved."""
    return {id_: each for id_, each in choices.items() if each.is_changed}


def chosen_for(choices: Choices, picked: Iterable[str], chosen: str) -> dict[str, Choice]:
    """Return the choices with another one for those that were picked."""
    known = {id_: choices[id_] for id_ in picked if id_ in choices}
    return {id_: replace(each, chosen=chosen, is_kept=False) for id_, each in known.items()}


def refused(error: SynclineError, choices: Choices, board: Board) -> Outcome:
    """Return what a table shows after a refusal, so that nothing that was chosen is lost.

    :param board: as it is now.
    """
    if isinstance(error, Aborted):
        return _overtaken(choices, board)
    blockers = error.blockers if isinstance(error, FailedPrecondition) else ()
    problems: dict[str, tuple[str, ...]] = {}
    mismatched = set()
    for each in blockers:
        tax_type = each.subject.rpartition("/")[2]
        if each.reason == "TAX_RATE_MISMATCH":
            mismatched.add(tax_type)
        else:
            problems[tax_type] = (*problems.get(tax_type, ()), each.description)
    return Outcome(choices=choices, problems=problems, mismatched=mismatched)


def _overtaken(choices: Choices, board: Board) -> Outcome:
    rows = {row.id: row for row in board.rows}
    late = {
        id_: each
        for id_, each in choices.items()
        if id_ not in rows or each.etag != rows[id_].mapping.etag
    }
    return Outcome(
        choices={id_: each for id_, each in choices.items() if id_ not in late},
        overtaken={
            id_: each.chosen
            for id_, each in late.items()
            # What is as it was chosen was saved by a form that was sent twice, or alike.
            if each.is_changed and (id_ not in rows or each.chosen != rows[id_].current)
        },
    )

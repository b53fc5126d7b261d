"""What an import reads and writes of tax codes."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from syncline_server.core import tax_code_draft
from syncline_server.core.clock import Clock
from syncline_server.core.identifiers import MakeId
from syncline_server.core.importing import Found, Kind
from syncline_server.core.records import TaxCode
from syncline_server.core.tax_code_draft import TaxCodeDraft
from syncline_server.storage import external_ids
from syncline_server.storage import tax_codes as rows
from syncline_server.storage.database import Database

_TABLE = "tax_codes"


class ImportedTaxCodes:
    """Tax codes, for one batch."""

    column = (_TABLE, "code_key")

    def __init__(self, database: Database, clock: Clock, make_id: MakeId, workspace: str) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id
        self._workspace = workspace

    def wait_turn(self) -> None:
        """Wait for whoever writes tax codes."""
        external_ids.turn_alone(self._database, self._workspace, _TABLE)

    def kind(self, _drafts: Sequence[TaxCodeDraft]) -> Kind[TaxCodeDraft, TaxCode]:
        """Return how tax codes are judged."""
        return Kind(
            noun="tax_code",
            nouns=_TABLE,
            collection="taxCodes",
            key="code",
            key_title="code",
            blank=TaxCodeDraft(workspace=self._workspace),
            fields=tax_code_draft.FIELDS,
            new=self._new,
            change=_change,
        )

    def found(self, ids: Sequence[str]) -> Found[TaxCode]:
        """Return tax codes; nobody but us ever owns one."""
        return Found(
            records=rows.by_ids(self._database, self._workspace, ids, lock=True).values(),
            imported=external_ids.imported(self._database, self._workspace, _TABLE, ids),
        )

    def write(self, created: Sequence[TaxCode], updated: Sequence[TaxCode]) -> None:
        """Store tax codes."""
        now = self._clock()
        rows.insert_all(self._database, self._workspace, created, now)
        rows.update_all(self._database, self._workspace, updated, now)

    def _new(self, draft: TaxCodeDraft) -> TaxCode:
        values = tax_code_draft.read(draft, tax_code_draft.FIELDS)
        return TaxCode(workspace=self._workspace, id=self._make_id(), **values)  # type: ignore[arg-type]  # the reader names and checks them


def _change(before: TaxCode, draft: TaxCodeDraft, fields: Collection[str]) -> TaxCode:
    return replace(before, **tax_code_draft.read(draft, fields))  # type: ignore[arg-type]  # as for new ones

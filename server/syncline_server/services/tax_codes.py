"""Tax codes: what RecordService does with them."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from syncline_server.core import etags, names, tax_code_draft
from syncline_server.core.clock import Clock
from syncline_server.core.identifiers import MakeId
from syncline_server.core.listing import RecordFilter
from syncline_server.core.ownership import FindMaster
from syncline_server.core.records import TaxCode
from syncline_server.core.tax_code_draft import TaxCodeDraft
from syncline_server.core.views import RecordView
from syncline_server.services.external_ids import refuse_taken
from syncline_server.services.record_views import RecordViews
from syncline_server.services.refusals import missing, taken
from syncline_server.storage import acts, external_ids
from syncline_server.storage import tax_codes as rows
from syncline_server.storage.database import Database

_COLLECTION = "taxCodes"
_TABLE = "tax_codes"


class TaxCodes:
    """Creates, reads, lists and changes tax codes."""

    def __init__(
        self, database: Database, clock: Clock, make_id: MakeId, find_master: FindMaster
    ) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id
        self._views = RecordViews(database, find_master)

    def create(self, draft: TaxCodeDraft) -> RecordView[TaxCode]:
        """Create a tax code.

        :raises InvalidArgument: with everything that is wrong with the draft.
        :raises AlreadyExists: its id, code or external id is taken.
        """
        values = tax_code_draft.read(draft, (tax_code_draft.ID, *tax_code_draft.FIELDS))
        values["id"] = values["id"] or self._make_id()
        tax_code = TaxCode(workspace=draft.workspace, **values)  # type: ignore[arg-type]  # the reader names and checks them
        with self._database.transaction():
            external_ids.turn_beside(self._database, draft.workspace, _TABLE)
            self._refuse_taken_keys(tax_code)
            if not rows.insert(self._database, tax_code, self._clock()):
                raise taken(tax_code.workspace, _COLLECTION, tax_code.id, "id")
            acts.mention(names.record(tax_code.workspace, _COLLECTION, tax_code.id))
        return self.get(tax_code.workspace, tax_code.id)

    def get(self, workspace: str, identifier: str) -> RecordView[TaxCode]:
        """Return one tax code.

        :raises NotFound: there is none.
        """
        found = rows.by_ids(self._database, workspace, [identifier])
        if identifier not in found:
            raise missing(workspace, _COLLECTION, identifier)
        return self._views.of_tax_codes(workspace, [found[identifier]])[0]

    def page(
        self, workspace: str, wanted: RecordFilter, after: str, limit: int
    ) -> Sequence[RecordView[TaxCode]]:
        """Return at most ``limit`` tax codes behind an id, in the order of ids."""
        found = rows.page(self._database, workspace, wanted, after, limit)
        return self._views.of_tax_codes(workspace, found)

    def update(self, draft: TaxCodeDraft, fields: Collection[str]) -> RecordView[TaxCode]:
        """Set fields of a tax code, all or nothing.

        :param fields: names of the fields to set; others are ignored.
        :raises InvalidArgument: with everything that is wrong with them.
        :raises NotFound: there is no such tax code.
        :raises Aborted: the etag is stale.
        :raises AlreadyExists: the code or external id is taken.
        """
        values = tax_code_draft.read(draft, set(fields).intersection(tax_code_draft.FIELDS))
        with self._database.transaction():
            external_ids.turn_beside(self._database, draft.workspace, _TABLE)
            found = rows.by_ids(self._database, draft.workspace, [draft.id], lock=True)
            if draft.id not in found:
                raise missing(draft.workspace, _COLLECTION, draft.id)
            before = found[draft.id]
            name = names.record(draft.workspace, _COLLECTION, draft.id)
            etags.refuse_stale(draft.etag, before.version, name)
            after = replace(before, **values)  # type: ignore[arg-type]  # as in create
            if after != before:
                self._refuse_taken_keys(after)
                rows.update(self._database, after, self._clock())
        return self.get(draft.workspace, draft.id)

    def _refuse_taken_keys(self, tax_code: TaxCode) -> None:
        other = rows.id_of_code(self._database, tax_code.workspace, tax_code.code)
        if other not in (None, tax_code.id):
            raise taken(tax_code.workspace, _COLLECTION, str(other), "code")
        refuse_taken(self._database, _TABLE, _COLLECTION, tax_code)

"""Pages of lists in a workspace that has gathered much: at the begin, at the end, and filtered."""

import time
from collections.abc import Callable, Iterator
from statistics import median

from figures import Figure
from lab import Lab, connected, database_url
from sizes import Sizes

from databases import opened
from setting_up import finish
from syncline.v1 import mapping_pb2, record_pb2
from syncline_demo.story.workspace import Workspace
from syncline_server.storage.database import Database

_PAGE = 50
_DOUBTFUL = 20
_STRIDE = 1000
_NOBODY = "nobody is called so"
_INVOICES = (
    "INSERT INTO invoices (workspace, id, number, number_key, customer_id, state, currency,"
    " invoice_date, line_amounts, lines, freight, subtotal, total_tax, total, create_time,"
    " update_time) SELECT workspace, id, id, id, id, 'CONFIRMED', 'NZD', '2026-10-01',"
    " 'NO_TAX', '[]', '{\"state\":\"NONE\"}', '0', '0', '0', create_time, update_time"
    " FROM customers"
)
_LINKS = (
    "INSERT INTO invoice_links (workspace, provider, organisation_id, invoice_id, push_state,"
    " attempt_id, run_id, idempotency_key, payload, update_time) SELECT workspace, 'xero', ?, id,"
    " 'LINKED', id, '', '', '', 0 FROM customers ORDER BY id LIMIT ?"
)


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield the median time of each page, in a client beside the server."""
    organisation = lab.organisation(sizes.contacts)
    with lab.server() as stack:
        workspace = connected(stack, "acme", organisation)
        workspace.set_toggles(contacts=True)
        finish(workspace, "contacts")
        database = opened(database_url(stack))
        _make_much_of_it(database)
        database.close()
        lists = _Lists(workspace, sizes)
        yield from lists.pages()
        yield from lists.filtered()


class _Lists:
    """Lists of one workspace."""

    def __init__(self, workspace: Workspace, sizes: Sizes) -> None:
        self._workspace = workspace
        self._sizes = sizes
        self._of = f"of {sizes.contacts:,}"

    def pages(self) -> Iterator[Figure]:
        """Yield what the last page of customers costs beside the first."""
        tokens = self._tokens()
        first = self._customers("")
        middle = self._customers(tokens[len(tokens) // 2])
        last = self._customers(tokens[-1])
        yield Figure(
            name="last page of customers ÷ first page",
            measured=last / first,
            goal=1.5,
            told=f"{last:.1f} ÷ {first:.1f} ms, in the middle {middle:.1f} ms, {self._of}",
        )

    def filtered(self) -> Iterator[Figure]:
        """Yield what it costs to find few among very many."""
        ambiguous = mapping_pb2.RECORD_MAPPING_STATE_AMBIGUOUS
        yield self._figure(
            f"contact mappings by state, {_DOUBTFUL} that fit",
            lambda: self._mappings(states=[ambiguous]),
            goal=10,
        )
        yield self._figure("customers by a text none has", lambda: self._search(_NOBODY))
        yield self._figure(
            "contact mappings by a text neither side has", lambda: self._mappings(query=_NOBODY)
        )
        yield self._figure(
            f"preflight of {_DOUBTFUL} invoices, the others linked", self._preflight, goal=20
        )

    def _figure(self, name: str, call: Callable[[], object], goal: float | None = None) -> Figure:
        return Figure(
            name=f"{name}, p50", measured=self._p50(call), goal=goal, unit="ms", told=self._of
        )

    def _customers(self, token: str) -> float:
        request = self._request(page_size=_PAGE, page_token=token)
        return self._p50(lambda: self._workspace.client.records.ListCustomers(request))

    def _search(self, text: str) -> object:
        return self._workspace.client.records.ListCustomers(self._request(query=text))

    def _mappings(self, **wanted: object) -> object:
        request = mapping_pb2.ListContactMappingsRequest(
            parent=self._workspace.connection,
            **wanted,  # type: ignore[arg-type]  # as the caller names them
        )
        return self._workspace.client.mappings.ListContactMappings(request)

    def _preflight(self) -> object:
        request = record_pb2.PreflightInvoicesRequest(connection=self._workspace.connection)
        answer = self._workspace.client.records.PreflightInvoices(request)
        if answer.eligible_count + answer.blocked_count != _DOUBTFUL:
            raise AssertionError("the linked invoices are not left out")
        return answer

    def _tokens(self) -> list[str]:
        """Return where pages begin, every thousand customers."""
        tokens = [""]
        while token := self._customers_at(tokens[-1]):
            tokens.append(token)
        return tokens

    def _customers_at(self, token: str) -> str:
        request = self._request(page_size=_STRIDE, page_token=token)
        return self._workspace.client.records.ListCustomers(request).next_page_token

    def _request(self, **wanted: object) -> record_pb2.ListCustomersRequest:
        return record_pb2.ListCustomersRequest(
            parent=self._workspace.name,
            **wanted,  # type: ignore[arg-type]  # as the caller names them
        )

    def _p50(self, call: Callable[[], object]) -> float:
        return median(_milliseconds(call) for _ in range(self._sizes.pages))


def _milliseconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return (time.perf_counter() - begin) * 1000


def _make_much_of_it(database: Database) -> None:
    """Let a few mappings be doubtful, and link an invoice for each customer but as few."""
    organisation = database.tuples("SELECT organisation_id FROM connections")[0][0]
    with database.transaction():
        database.execute(
            "UPDATE contacts SET state = 'AMBIGUOUS', customer_id = NULL WHERE contact_id IN"
            " (SELECT contact_id FROM contacts ORDER BY contact_id DESC LIMIT ?)",
            (_DOUBTFUL,),
        )
        ((customers,),) = database.tuples("SELECT COUNT(*) FROM customers")
        database.execute(_INVOICES)
        database.execute(_LINKS, (organisation, customers - _DOUBTFUL))
        database.execute(
            "UPDATE invoices SET held_at = ? WHERE id IN (SELECT invoice_id FROM invoice_links)",
            (f"xero/{organisation}",),
        )

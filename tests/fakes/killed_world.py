"""What lives are killed on: a simulated Xero, a database, and a workspace that is ready to push."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from databases import opened
from life import Place
from life_server import LifeServer
from local_stack import LocalStack, local_environment
from setting_up import connect, set_up_chain
from syncline.v1.customer_pb2 import Customer
from syncline.v1.product_pb2 import Product
from syncline.v1.record_pb2 import CreateCustomerRequest, CreateProductRequest
from syncline_demo.story.workspace import Workspace
from syncline_server.storage.database import Database
from verdicts import Xero

CUSTOMER: Final = "OLD-CUSTOMER"
PRODUCT: Final = "OLD-PRODUCT"
_ORGANISATION: Final = "acme"
_UNLIMITED: Final = {"minute": 10**6, "day": 10**6, "app_minute": 10**6, "concurrent": 100}


class World:
    """One workspace with a customer and a product in Xero, and what begins lives on it.

    :param stack: of which only the simulator runs.
    :param tax_code: resource name of one that is mapped.
    """

    def __init__(
        self, stack: LocalStack, lives: LifeServer, database: Database, tax_code: str
    ) -> None:
        self._stack = stack
        self.lives = lives
        self.database = database
        self.tax_code = tax_code
        self.others: set[str] = set()
        """Ids of records in Xero that are none of ours."""
        self._ordered: dict[int, str] = {}

    def advance(self, seconds: float) -> None:
        """Let time pass for everybody."""
        self._stack.control("POST", "/clock", {"advance_seconds": seconds})

    def switch(self, **wanted: object) -> None:
        """Set switches of the simulator."""
        self._stack.control("POST", "/switches", wanted)

    def order_fault(self, fault: Mapping[str, Any]) -> None:
        """Order a fault."""
        ordered = self._stack.control("POST", "/faults", fault)
        self._ordered[ordered["id"]] = ordered["kind"]

    def faults_used(self) -> Counter[str]:
        """Cancel the faults that hit nothing, and return how many hit of each kind."""
        left = {fault["id"] for fault in self._stack.control("GET", "/faults")["faults"]}
        used = Counter(kind for id_, kind in self._ordered.items() if id_ not in left)
        self.clear_faults()
        return used

    def clear_faults(self) -> None:
        """Cancel all faults."""
        self._ordered.clear()
        self._stack.control("DELETE", "/faults")

    def xero(self) -> Xero:
        """Return what the simulator says of itself."""
        records = self._of_organisation("GET", "/records")
        renewals = self._stack.control("GET", "/counters")["renewals"].values()
        at_once = max((each["max_concurrent"] for each in renewals), default=0)
        return Xero(records=records, renewals_at_once=at_once)

    def add_other_invoice(self, number: str) -> bool:
        """Add somebody else's invoice; False when the number is taken."""
        line = {
            "Description": "Not ours",
            "Quantity": 1,
            "UnitAmount": "7.77",
            "AccountCode": "200",
        }
        body = {
            "Type": "ACCREC",
            "Contact": {"Name": "Somebody else"},
            "InvoiceNumber": number,
            "LineItems": [line],
        }
        try:
            added = self._of_organisation("POST", "/invoices", body)
        except httpx.HTTPStatusError:
            return False
        self.others.add(added["InvoiceID"])
        return True

    def end_invoice(self, number: str, *, is_approved: bool) -> None:
        """Delete a draft, or approve and void it, as a person does."""
        for act in ("approve", "void") if is_approved else ("delete",):
            self._of_organisation("POST", f"/invoices/{number}/{act}")

    def add_other_contact(self, name: str) -> None:
        """Add somebody else's contact."""
        self.others.add(self._of_organisation("POST", "/contacts", {"Name": name})["ContactID"])

    def _of_organisation(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Any:
        return self._stack.control(method, f"/organisations/{_ORGANISATION}{path}", body)


@contextmanager
def world_to_kill(folder: Path, database_url: str = "") -> Iterator[World]:
    """Yield a world.

    :param folder: empty.
    :param database_url: of an empty database; empty makes an SQLite file.
    """
    given = {"SYNCLINE_DATABASE_URL": database_url} if database_url else {}
    stack = LocalStack(local_environment(folder, **given))
    url = database_url or f"sqlite:///{folder}/syncline.db"
    try:
        stack.start("simulator", "server")
        stack.control("POST", "/limits", _UNLIMITED)
        tax_code = _prepared(stack)
        stack.stop("server")
        place = Place(database_url=url, simulator_url=stack.settings.simulator.url)
        with (
            closing(LifeServer(stack.environment_of("server"), place)) as lives,
            closing(opened(url)) as database,
        ):
            yield World(stack, lives, database, tax_code)
    finally:
        stack.close()


def _prepared(stack: LocalStack) -> str:
    """Bring a workspace to where it can push, and return the name of a tax code."""
    workspace = Workspace(client=stack.client, id="acme")
    stack.simulator.organisation(_ORGANISATION, country="NZ", contacts=2, items=2)
    connect(stack, workspace, _ORGANISATION)
    set_up_chain(workspace)
    tax_code = next(p.tax_code for p in workspace.products() if p.tax_code)
    customer = Customer(code=CUSTOMER, display_name="An old customer")
    product = Product(sku=PRODUCT, display_name="An old product", tax_code=tax_code)
    records = stack.client.records
    records.CreateCustomer(CreateCustomerRequest(parent=workspace.name, customer=customer))
    records.CreateProduct(CreateProductRequest(parent=workspace.name, product=product))
    return str(tax_code)

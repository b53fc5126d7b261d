"""Two workspaces with a full life each on one server, whose person at Xero is one and the same."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import syncline_client
from databases import opened
from setting_up import confirmed_invoices, finish, set_up_chain
from simulated_xero import ORIGIN
from simulator_driver import CLIENT, REDIRECT, SimulatorDriver, redirect_parameters
from syncline.v1.customer_pb2 import Customer
from syncline.v1.integration_pb2 import (
    CheckParityRequest,
    CompleteConnectionRequest,
    StartConnectionRequest,
    StartConnectionResponse,
)
from syncline.v1.invoice_pb2 import Invoice
from syncline.v1.record_pb2 import (
    ConfirmInvoiceRequest,
    CreateInvoiceRequest,
    ImportCustomersRequest,
    UpdateInvoiceRequest,
)
from syncline_demo.story.workspace import Workspace
from syncline_server import serving
from syncline_server.app import Outside
from syncline_server.config import Config, read_config
from syncline_server.core.access import Role
from syncline_server.services.access_tokens import AccessTokens, NewToken
from syncline_server.services.erasures import Erasures
from syncline_server.storage.database import Database
from syncline_xero_simulator import SigningKey
from syncline_xero_simulator.config import OrganisationSpec, SimulatorConfig
from whole_server import SharedTime, Way

OURS, THEIRS = "alpha", "bravo"
ORGANISATIONS = {OURS: "Alpha Goods Ltd", THEIRS: "Bravo Secret Holdings"}
SPARE = "Alpha Spare Ltd"
WEBHOOK_KEY = "planted-webhook-key"
BINDING = "planted-binding-of-a-browser-" + "b" * 20
SHARED_ID = "same-external-id"
"""An external id that both workspaces use."""


@dataclass(frozen=True, kw_only=True)
class Tenants:
    """One server and who is on it."""

    port: int
    driver: SimulatorDriver
    clock: SharedTime
    way: Way
    database: Database
    tokens: AccessTokens

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def token(self, role: Role, *workspaces: str) -> str:
        """Return the secret of new credentials."""
        new = NewToken(title=f"{role} {' '.join(workspaces)}", role=role, workspaces=workspaces)
        return self.tokens.create(new)[1]

    def receipt(self, workspace: str) -> str:
        """Return the name of the erasure that a workspace's id has behind it."""
        found = self.database.row("SELECT id FROM erasures WHERE workspace = ?", (workspace,))
        assert found
        return f"workspaces/{workspace}/erasures/{found['id']}"

    @contextmanager
    def workspace(self, workspace: str, role: Role = Role.ADMIN) -> Iterator[Workspace]:
        """Yield a workspace as somebody of this role sees it."""
        token = self.token(role, workspace)
        with syncline_client.connect(self.address, token=token, timeout=60) as client:
            yield Workspace(client=client, id=workspace)

    def consent(self, url: str, *organisations: str, user: str = "") -> dict[str, str]:
        """Approve organisations at Xero; return the parameters of the way back."""
        body = {"authorize_url": url, "organisations": list(organisations), "user": user}
        return redirect_parameters(self.driver.control("POST", "consent", body)["location"])

    def connect(self, workspace: Workspace, *organisations: str) -> None:
        """Connect a workspace, or leave it candidates where there are several."""
        back = self.consent(workspace.start_connection(REDIRECT), *organisations)
        request = CompleteConnectionRequest(state=back["state"], code=back["code"])
        workspace.client.integrations.CompleteConnection(request)

    def live(self, workspace: Workspace) -> None:
        """Have a workspace do everything once: connect, sync, map, import, push, pull, compare."""
        self.connect(workspace, ORGANISATIONS[workspace.id])
        set_up_chain(workspace)
        own = import_own_customer(workspace)
        invoices = confirmed_invoices(workspace, 3)
        _confirm_for(workspace, own, invoices[0])
        workspace.set_options(freight_account_code="260")
        finish(workspace, "invoice_push")
        self._pay(invoices[0])
        finish(workspace, "invoice_pull")
        _draft(workspace, invoices[0])
        check = CheckParityRequest(connection=workspace.connection, module="items")
        workspace.client.integrations.CheckParity(check)
        self.clock.advance(seconds=600)

    def pending(self, workspace: Workspace) -> StartConnectionResponse:
        """Return a consent that is under way, bound to a browser."""
        request = StartConnectionRequest(
            parent=workspace.name,
            provider="xero",
            redirect_uri=REDIRECT,
            browser_binding=BINDING,
        )
        return workspace.client.integrations.StartConnection(request)

    def _pay(self, invoice: Invoice) -> None:
        for books in self.driver.simulator.parts.organisations.all():
            for each in books.invoices.values():
                if each.number == invoice.number:
                    path = f"organisations/{books.profile.tenant_id}/invoices/{each.invoice_id}"
                    self.driver.control("POST", f"{path}/approve")
                    self.driver.control("POST", f"{path}/pay")


def import_own_customer(workspace: Workspace) -> str:
    """Bring a customer that Xero does not have; return its name.

    Other workspaces have its external id, too; its texts are its own. Imports are refused while
    contacts are synced, so that is left off for a moment.
    """
    own = Customer(
        external_id=SHARED_ID,
        code=f"{workspace.id}-crm-code",
        display_name=f"{workspace.id} imported customer",
        email=f"office@{workspace.id}-crm.example",
        notes=f"{workspace.id} private notes",
        phone=f"+64 {workspace.id} 99",
    )
    workspace.set_toggles(invoices=False)
    workspace.set_toggles(items=False, contacts=False)
    request = ImportCustomersRequest(parent=workspace.name, customers=[own])
    (result,) = workspace.client.records.ImportCustomers(request).results
    workspace.set_toggles(invoices=True)
    return result.record


def _confirm_for(workspace: Workspace, customer: str, like: Invoice) -> None:
    """Confirm an invoice that cannot be pushed, so that a run has an issue."""
    draft = _copy(like, f"{workspace.id}-for-nobody")
    draft.customer = customer
    made = workspace.client.records.CreateInvoice(
        CreateInvoiceRequest(parent=workspace.name, invoice=draft)
    )
    confirm = ConfirmInvoiceRequest(name=made.invoice.name)
    workspace.client.records.ConfirmInvoice(confirm)


def _draft(workspace: Workspace, like: Invoice) -> None:
    """Leave an invoice that can still be changed."""
    draft = _copy(like, f"{workspace.id}-draft")
    draft.reference = f"{workspace.id} order reference"
    draft.external_id = SHARED_ID
    made = workspace.client.records.CreateInvoice(
        CreateInvoiceRequest(parent=workspace.name, invoice=draft)
    )
    change = Invoice(name=made.invoice.name, reference=f"{workspace.id} second reference")
    workspace.client.records.UpdateInvoice(UpdateInvoiceRequest(invoice=change))


def _copy(invoice: Invoice, number: str) -> Invoice:
    copy = Invoice()
    copy.CopyFrom(invoice)
    for field in ("name", "state", "link", "etag", "subtotal", "total_tax", "total"):
        copy.ClearField(field)
    copy.number = number
    return copy


@contextmanager
def tenants(database_url: str, folder: Path, key: SigningKey) -> Iterator[Tenants]:
    """Yield a server on which nobody has done anything yet."""
    specs = [
        OrganisationSpec(name=name, contacts=6, items=4, invoices=2)
        for name in (*ORGANISATIONS.values(), SPARE)
    ]
    config = SimulatorConfig(public_url=ORIGIN, organisations=tuple(specs))
    driver = SimulatorDriver(key, config)
    clock = SharedTime(driver)
    way = Way(driver, clock)
    outside = Outside(clock=clock, transport=way, wait=clock.wait, randomness=secrets.token_bytes)
    database = opened(database_url)
    tokens = AccessTokens(database, clock, outside.make_id, secrets.token_urlsafe)
    tokens.create(NewToken(title="the first", role=Role.SERVICE, workspaces=None))
    erasures = Erasures(database=database, clock=clock, make_id=outside.make_id, wait=clock.wait)
    for workspace in (OURS, THEIRS):  # whose ids others had before
        erasures.finish(erasures.begin(workspace, "local"))
    with serving.running(_config(database_url, folder), outside) as port:
        yield Tenants(
            port=port, driver=driver, clock=clock, way=way, database=database, tokens=tokens
        )
    database.close()
    driver.http.close()


def _config(database_url: str, folder: Path) -> Config:
    return read_config(
        {
            "SYNCLINE_LISTEN": "127.0.0.1:0",
            "SYNCLINE_DATABASE_URL": database_url,
            "SYNCLINE_DATA_FOLDER": str(folder / "data"),
            "SYNCLINE_ENCRYPTION_KEYS": "cGxhbnRlZC1lbmNyeXB0aW9uLWtleS0wMTIzNDU2Nzg=",
            "SYNCLINE_REDIRECT_URIS": REDIRECT,
            "SYNCLINE_XERO_CLIENT_ID": CLIENT[0],
            "SYNCLINE_XERO_CLIENT_SECRET": CLIENT[1],
            "SYNCLINE_XERO_BASE_URL": ORIGIN,
            "SYNCLINE_XERO_WEBHOOK_KEY": WEBHOOK_KEY,
            "SYNCLINE_CALLS_PER_MINUTE": "0",  # tens of thousands are made
        }
    )

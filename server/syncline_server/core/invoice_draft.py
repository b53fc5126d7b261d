"""An invoice as a caller writes it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from syncline_sdk import LineAmounts
from syncline_server.core.checks import Checks, Limits, Shelf
from syncline_server.core.identifiers import MakeId
from syncline_server.core.invoice import Freight, FreightState, Invoice, Line
from syncline_server.core.records import Product, TaxCode

FIELDS = (
    "customer",
    "currency_code",
    "invoice_date",
    "due_date",
    "line_amounts",
    "reference",
    "lines",
    "freight",
    "external_id",
)
"""What a caller can change; the number is given once, on creation."""

MOST_LINES = 200

_ZERO = Decimal(0)
_LARGEST = Decimal(999_999_999)
_QUANTITY = Limits(low=_ZERO, high=_LARGEST)
_PRICE = Limits(low=-_LARGEST, high=_LARGEST)
_PERCENT = Limits(low=_ZERO, high=Decimal(100), places=2)
_FREIGHT = Limits(low=_ZERO, high=_LARGEST, places=2)
_CURRENCY_LENGTH = 3
# Replaced by what was written; refused when nothing was.
_NO_DAY = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True)
class LineDraft:
    """The fields of a line as they came, unchecked."""

    product: str = ""
    description: str = ""
    quantity: str = ""
    unit_price: str = ""
    discount_percent: str = ""
    tax_code: str = ""


@dataclass(frozen=True, kw_only=True)
class FreightDraft:
    """The fields of freight as they came, unchecked."""

    state: str = FreightState.NONE
    amount: str = ""
    tax_code: str = ""


@dataclass(frozen=True, kw_only=True)
class InvoiceDraft:
    """The fields of an invoice as they came, unchecked; references are resource names."""

    workspace: str
    id: str = ""
    number: str = ""
    customer: str = ""
    currency_code: str = ""
    invoice_date: str = ""
    due_date: str = ""
    line_amounts: str = ""
    reference: str = ""
    lines: tuple[LineDraft, ...] = ()
    freight: FreightDraft = field(default_factory=FreightDraft)
    external_id: str = ""
    confirm: bool = False
    """Whether an import makes it CONFIRMED."""
    etag: str = ""


@dataclass(frozen=True, kw_only=True)
class Known:
    """The records a draft refers to, as far as they are there, by id."""

    customers: Collection[str]
    products: Mapping[str, Product]
    tax_codes: Mapping[str, TaxCode]


def references(draft: InvoiceDraft, collection: str) -> set[str]:
    """Return the ids of a collection's records that a draft names."""
    shelf = Shelf(draft.workspace, collection)
    by_collection = {
        "customers": [draft.customer],
        "products": [line.product for line in draft.lines],
        "taxCodes": [draft.freight.tax_code, *(line.tax_code for line in draft.lines)],
    }
    return {id_ for name in by_collection[collection] if name and (id_ := shelf.identifier(name))}


def new(draft: InvoiceDraft, known: Known, make_id: MakeId) -> Invoice:
    """Return a new invoice, nothing computed yet.

    :param make_id: makes its id when the caller chose none.
    :raises InvalidArgument: with everything that is wrong with the draft.
    """
    checks = Checks("invoice")
    number = checks.text("number", draft.number, 50, required=True)
    blank = Invoice(
        workspace=draft.workspace,
        id=checks.identifier(draft.id) or make_id(),
        number=number,
        customer_id="",
        currency="",
        invoice_date=_NO_DAY,
        line_amounts=LineAmounts.NO_TAX,
    )
    return _Reader(draft, known, checks).read(blank, FIELDS)


def changed(
    draft: InvoiceDraft, known: Known, invoice: Invoice, fields: Collection[str]
) -> Invoice:
    """Return an invoice with these fields set, nothing computed yet.

    :raises InvalidArgument: with everything that would be wrong with it.
    """
    return _Reader(draft, known, Checks("invoice")).read(invoice, fields)


class _Reader:
    """Reads a draft into an invoice."""

    def __init__(self, draft: InvoiceDraft, known: Known, checks: Checks) -> None:
        self._draft = draft
        self._known = known
        self._checks = checks

    def read(self, invoice: Invoice, fields: Collection[str]) -> Invoice:
        if "line_amounts" in fields:
            invoice = replace(invoice, line_amounts=self._line_amounts())
        readers = {
            "customer": ("customer_id", self._customer),
            "currency_code": ("currency", self._currency),
            "invoice_date": ("invoice_date", self._invoice_date),
            "due_date": ("due_date", self._due_date),
            "reference": ("reference", self._reference),
            "lines": ("lines", self._lines),
            "freight": ("freight", self._freight),
            "external_id": ("external_id", self._external_id),
        }
        chosen = {
            attribute: read() for name, (attribute, read) in readers.items() if name in fields
        }
        invoice = replace(invoice, **chosen)  # type: ignore[arg-type]  # each reader fits its attribute
        self._judge(invoice)
        self._checks.refuse()
        return invoice

    def _customer(self) -> str:
        draft = self._draft
        if not draft.customer:
            self._checks.wrong("customer", "is required")
        shelf = Shelf(draft.workspace, "customers")
        return (
            self._checks.reference("customer", draft.customer, shelf, self._known.customers) or ""
        )

    def _currency(self) -> str:
        code = self._draft.currency_code
        if not (len(code) == _CURRENCY_LENGTH and code.isascii() and code.isupper()):
            self._checks.wrong("currency_code", "must be an ISO 4217 code such as NZD")
        return code

    def _invoice_date(self) -> date:
        if not self._draft.invoice_date:
            self._checks.wrong("invoice_date", "is required")
        return self._checks.day("invoice_date", self._draft.invoice_date) or _NO_DAY

    def _due_date(self) -> date | None:
        return self._checks.day("due_date", self._draft.due_date)

    def _reference(self) -> str:
        return self._checks.text("reference", self._draft.reference, 255)

    def _external_id(self) -> str:
        return self._checks.external_id(self._draft.external_id)

    def _line_amounts(self) -> LineAmounts:
        chosen = self._checks.choice("line_amounts", self._draft.line_amounts, LineAmounts)
        return chosen or LineAmounts.EXCLUSIVE

    def _lines(self) -> tuple[Line, ...]:
        if not 1 <= len(self._draft.lines) <= MOST_LINES:
            self._checks.wrong("lines", f"must have 1 to {MOST_LINES} elements")
        return tuple(
            self._line(f"lines[{index}]", line)
            for index, line in enumerate(self._draft.lines[:MOST_LINES])
        )

    def _line(self, at: str, draft: LineDraft) -> Line:
        checks = self._checks
        shelf = Shelf(self._draft.workspace, "products")
        product_id = checks.reference(f"{at}.product", draft.product, shelf, self._known.products)
        product = self._known.products.get(product_id or "")
        description = checks.text(f"{at}.description", draft.description, 4_000)
        tax_code_id, tax_rate = self._tax(at, draft.tax_code)
        line = Line(
            product_id=product_id,
            description=description or (product.display_name if product else ""),
            quantity=checks.required_number(f"{at}.quantity", draft.quantity, _QUANTITY),
            unit_price=checks.required_number(f"{at}.unit_price", draft.unit_price, _PRICE),
            discount_percent=checks.number(
                f"{at}.discount_percent", draft.discount_percent, _PERCENT
            )
            or _ZERO,
            tax_code_id=tax_code_id,
            tax_rate=tax_rate,
        )
        self._judge_line(at, line, product)
        return line

    def _judge_line(self, at: str, line: Line, product: Product | None) -> None:
        if not line.description and line.product_id is None:
            self._checks.wrong(f"{at}.description", "is required where there is no product")
        if product and not product.active:
            self._checks.wrong(f"{at}.product", "is not active")
        if product and not line.unit_price and not product.zero_price_allowed:
            self._checks.wrong(f"{at}.unit_price", "must not be 0 for this product")

    def _freight(self) -> Freight:
        draft, checks = self._draft.freight, self._checks
        state = checks.choice("freight.state", draft.state, FreightState) or FreightState.NONE
        if state is FreightState.FIXED:
            amount = checks.required_number("freight.amount", draft.amount, _FREIGHT)
            tax_code_id, tax_rate = self._tax("freight", draft.tax_code)
            return Freight(state=state, amount=amount, tax_code_id=tax_code_id, tax_rate=tax_rate)
        for name in ("amount", "tax_code"):
            if getattr(draft, name):
                checks.wrong(f"freight.{name}", "must be empty unless state is FIXED")
        return Freight(state=state)

    def _tax(self, at: str, name: str) -> tuple[str | None, Decimal]:
        shelf = Shelf(self._draft.workspace, "taxCodes")
        identifier = self._checks.reference(f"{at}.tax_code", name, shelf, self._known.tax_codes)
        code = self._known.tax_codes.get(identifier or "")
        if code and not code.active:
            self._checks.wrong(f"{at}.tax_code", "is not active")
        return identifier, code.rate if code else _ZERO

    def _judge(self, invoice: Invoice) -> None:
        """Check what depends on several fields, whichever of them were set."""
        if invoice.due_date and invoice.due_date < invoice.invoice_date:
            self._checks.wrong("due_date", "must not be before invoice_date")
        for index, line in enumerate(invoice.lines):
            self._judge_tax(f"lines[{index}]", line.tax_code_id, invoice.line_amounts)
        if invoice.freight.state is FreightState.FIXED:
            self._judge_tax("freight", invoice.freight.tax_code_id, invoice.line_amounts)

    def _judge_tax(self, at: str, tax_code: str | None, line_amounts: LineAmounts) -> None:
        if line_amounts is LineAmounts.NO_TAX and tax_code:
            self._checks.wrong(f"{at}.tax_code", "must be empty on an invoice without tax")
        elif line_amounts is not LineAmounts.NO_TAX and not tax_code:
            self._checks.wrong(f"{at}.tax_code", "is required unless line_amounts is NO_TAX")

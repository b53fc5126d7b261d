"""Records that a page names: each read once, however often it is named."""

from syncline.v1.invoice_pb2 import Invoice
from syncline.v1.record_pb2 import (
    GetCustomerRequest,
    GetInvoiceRequest,
    GetProductRequest,
    GetTaxCodeRequest,
)
from syncline_client import InvalidArgument, NotFound
from syncline_console.visit import Visit


class Records:
    """Reads them for one visit."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._titles: dict[str, str] = {}

    def invoice(self, name: str) -> Invoice | None:
        """Return an invoice; None when there is none of that name."""
        request = GetInvoiceRequest(name=name)
        try:
            return self._visit.ask(self._visit.client.records.GetInvoice, request).invoice
        except (InvalidArgument, NotFound):
            return None

    def title(self, name: str) -> str:
        """Return what people call a customer, product or tax code; its id when it is gone."""
        if name not in self._titles:
            try:
                self._titles[name] = self._read(name)
            except (InvalidArgument, NotFound):
                self._titles[name] = ""
        return self._titles[name] or last(name)

    def _read(self, name: str) -> str:
        ask, records = self._visit.ask, self._visit.client.records
        match name.split("/")[2:3]:
            case ["customers"]:
                customer = ask(records.GetCustomer, GetCustomerRequest(name=name)).customer
                return customer.display_name
            case ["products"]:
                product = ask(records.GetProduct, GetProductRequest(name=name)).product
                return f"{product.sku} · {product.display_name}"
            case ["taxCodes"]:
                return ask(records.GetTaxCode, GetTaxCodeRequest(name=name)).tax_code.code
        return ""


def last(name: str) -> str:
    """Return the id at the end of a resource name."""
    return name.rpartition("/")[2]

"""The fields that filters can name, per endpoint (developer.xero.com, optimised parameters)."""

from collections.abc import Collection

from syncline_xero_simulator.books.account import Account
from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.contact import Contact
from syncline_xero_simulator.books.currency import Currency
from syncline_xero_simulator.books.invoice import Invoice, Payment
from syncline_xero_simulator.books.item import Item
from syncline_xero_simulator.books.tax_rate import AccountClass, TaxRate
from syncline_xero_simulator.query.fields import Field, FieldTable, FieldType, moment_of

_TEXT, _FLAG = FieldType.TEXT, FieldType.BOOLEAN
_NUMBER, _MOMENT, _GUID = FieldType.NUMBER, FieldType.MOMENT, FieldType.GUID


def contact_fields(without: Collection[str] = ()) -> FieldTable[Contact]:
    """Return the fields of contacts, less those that `without` names."""
    fields: dict[str, Field[Contact]] = {
        "contactid": Field(_GUID, lambda contact: contact.contact_id, optimised=True),
        "name": Field(_TEXT, lambda contact: contact.name, optimised=True),
        "emailaddress": Field(_TEXT, lambda contact: contact.email or None, optimised=True),
        "accountnumber": Field(
            _TEXT, lambda contact: contact.account_number or None, optimised=True
        ),
        "contactnumber": Field(_TEXT, lambda contact: contact.contact_number or None),
        "contactstatus": Field(_TEXT, lambda contact: contact.status),
        "firstname": Field(_TEXT, lambda contact: contact.first_name or None),
        "lastname": Field(_TEXT, lambda contact: contact.last_name or None),
        "taxnumber": Field(_TEXT, lambda contact: contact.tax_number or None),
        "companynumber": Field(_TEXT, lambda contact: contact.company_number or None),
        "iscustomer": Field(_FLAG, lambda contact: contact.is_customer),
        "issupplier": Field(_FLAG, lambda contact: contact.is_supplier),
        "updateddateutc": Field(_MOMENT, lambda contact: contact.updated, optimised=True),
    }
    shown = {name: field for name, field in fields.items() if name not in without}
    return FieldTable("Contact", shown)


def invoice_fields(books: Books) -> FieldTable[Invoice]:
    """Return the fields of invoices; contact fields are looked up in `books`."""

    def contact_text(invoice: Invoice, member: str) -> str | None:
        contact = books.contacts.get(invoice.contact_id)
        return getattr(contact, member) or None if contact else None

    return FieldTable(
        "Invoice",
        {
            "invoiceid": Field(_GUID, lambda invoice: invoice.invoice_id, optimised=True),
            "invoicenumber": Field(_TEXT, lambda invoice: invoice.number or None, optimised=True),
            "reference": Field(_TEXT, lambda invoice: invoice.reference or None, optimised=True),
            "type": Field(_TEXT, lambda invoice: invoice.type, optimised=True),
            "status": Field(_TEXT, lambda invoice: invoice.status, optimised=True),
            "date": Field(_MOMENT, lambda invoice: moment_of(invoice.day), optimised=True),
            "duedate": Field(_MOMENT, lambda invoice: moment_of(invoice.due_day), optimised=True),
            "amountdue": Field(_NUMBER, lambda invoice: invoice.amount_due, optimised=True),
            "amountpaid": Field(_NUMBER, lambda invoice: invoice.amount_paid, optimised=True),
            "total": Field(_NUMBER, lambda invoice: invoice.total),
            "subtotal": Field(_NUMBER, lambda invoice: invoice.sub_total),
            "currencycode": Field(_TEXT, lambda invoice: invoice.currency_code),
            "senttocontact": Field(_FLAG, lambda invoice: invoice.sent_to_contact),
            "fullypaidondate": Field(_MOMENT, lambda invoice: moment_of(invoice.fully_paid_on)),
            "updateddateutc": Field(_MOMENT, lambda invoice: invoice.updated, optimised=True),
            "contact.contactid": Field(_GUID, lambda invoice: invoice.contact_id, optimised=True),
            "contact.name": Field(
                _TEXT, lambda invoice: contact_text(invoice, "name"), optimised=True
            ),
            "contact.contactnumber": Field(
                _TEXT, lambda invoice: contact_text(invoice, "contact_number"), optimised=True
            ),
        },
    )


def item_fields() -> FieldTable[Item]:
    """Return the fields of items."""
    return FieldTable(
        "Item",
        {
            "itemid": Field(_GUID, lambda item: item.item_id),
            "code": Field(_TEXT, lambda item: item.code),
            "name": Field(_TEXT, lambda item: item.name or None),
            "description": Field(_TEXT, lambda item: item.description or None),
            "issold": Field(_FLAG, lambda item: item.is_sold),
            "ispurchased": Field(_FLAG, lambda item: item.is_purchased),
            "istrackedasinventory": Field(_FLAG, lambda item: item.is_tracked),
            "salesdetails.unitprice": Field(_NUMBER, lambda item: item.sales.unit_price),
            "updateddateutc": Field(_MOMENT, lambda item: item.updated),
        },
    )


def tax_rate_fields() -> FieldTable[TaxRate]:
    """Return the fields of tax rates."""
    return FieldTable(
        "TaxRate",
        {
            "name": Field(_TEXT, lambda rate: rate.name),
            "taxtype": Field(_TEXT, lambda rate: rate.tax_type),
            "status": Field(_TEXT, lambda rate: rate.status),
            "effectiverate": Field(_NUMBER, lambda rate: rate.effective_rate),
            "displaytaxrate": Field(_NUMBER, lambda rate: rate.display_rate),
            "canapplytorevenue": Field(_FLAG, lambda rate: AccountClass.REVENUE in rate.applies_to),
            "canapplytoexpenses": Field(
                _FLAG, lambda rate: AccountClass.EXPENSE in rate.applies_to
            ),
        },
    )


def account_fields() -> FieldTable[Account]:
    """Return the fields of accounts."""
    return FieldTable(
        "Account",
        {
            "accountid": Field(_GUID, lambda account: account.account_id),
            "code": Field(_TEXT, lambda account: account.code or None),
            "name": Field(_TEXT, lambda account: account.name),
            "type": Field(_TEXT, lambda account: account.type),
            "class": Field(_TEXT, lambda account: account.account_class),
            "status": Field(_TEXT, lambda account: account.status),
            "taxtype": Field(_TEXT, lambda account: account.tax_type),
            "systemaccount": Field(_TEXT, lambda account: account.system or None),
            "enablepaymentstoaccount": Field(_FLAG, lambda account: account.takes_payments),
            "updateddateutc": Field(_MOMENT, lambda account: account.updated),
        },
    )


def currency_fields() -> FieldTable[Currency]:
    """Return the fields of currencies."""
    return FieldTable(
        "Currency",
        {
            "code": Field(_TEXT, lambda currency: currency.code),
            "description": Field(_TEXT, lambda currency: currency.description),
        },
    )


def payment_fields() -> FieldTable[tuple[Invoice, Payment]]:
    """Return the fields of payments, each paired with its invoice."""
    return FieldTable(
        "Payment",
        {
            "paymentid": Field(_GUID, lambda pair: pair[1].payment_id),
            "date": Field(_MOMENT, lambda pair: moment_of(pair[1].day)),
            "amount": Field(_NUMBER, lambda pair: pair[1].amount),
            "invoice.invoiceid": Field(_GUID, lambda pair: pair[0].invoice_id),
            "invoice.invoicenumber": Field(_TEXT, lambda pair: pair[0].number),
            "updateddateutc": Field(_MOMENT, lambda pair: pair[1].updated),
        },
    )

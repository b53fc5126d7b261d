"""Tax codes of the workspace: a new one, for where nothing could be mapped without it."""

from typing import Final

from starlette.responses import Response

from syncline.v1.record_pb2 import CreateTaxCodeRequest, GetTaxCodeRequest
from syncline.v1.tax_code_pb2 import TaxCode
from syncline_client import AlreadyExists, InvalidArgument, SynclineError
from syncline_console.notices import Notice, done, refusal
from syncline_console.people import Role
from syncline_console.routing import CONNECTION, action, page
from syncline_console.tax_board import same_rate
from syncline_console.visit import Visit

PATH: Final = f"{CONNECTION}/tax-codes/new"
_FIELDS: Final = ("display_name", "code", "rate")


def ask(visit: Visit) -> Response:
    """Ask for its name, code and rate; the address may propose them."""
    values = {each: visit.asked(each)[:255] for each in _FIELDS}
    return visit.page("tax_code.html", values=values, wrong={}, told=None)


def create(visit: Visit) -> Response:
    """Create it; what is wrong is said beside its field, and what was typed stays."""
    values = {each: visit.sent(each) for each in _FIELDS}
    values["rate"] = values["rate"].removesuffix("%").strip().replace(",", ".")
    code = TaxCode(display_name=values["display_name"], code=values["code"], rate=values["rate"])
    request = CreateTaxCodeRequest(parent=visit.parent, tax_code=code)
    try:
        made = visit.ask(visit.client.records.CreateTaxCode, request).tax_code
    except (AlreadyExists, InvalidArgument) as error:
        if isinstance(error, AlreadyExists) and (same := _same(visit, error.resource, code)):
            return visit.go(visit.path("tax-mapping"), _there(same))
        wrong = _wrong(error, values)
        told = None if wrong else refusal(error)
        return visit.page("tax_code.html", status=422, values=values, wrong=wrong, told=told)
    text = f"Created the tax code {made.code}, {made.rate} %. It can be chosen below now."
    return visit.go(visit.path("tax-mapping"), done(text))


def _same(visit: Visit, name: str, wanted: TaxCode) -> TaxCode | None:
    """Return the tax code that is there where it is the one that was wanted: sent twice, or so."""
    found = visit.ask(visit.client.records.GetTaxCode, GetTaxCodeRequest(name=name)).tax_code
    is_same = found.active and found.display_name == wanted.display_name
    return found if is_same and same_rate(found.rate, wanted.rate) else None


def _there(code: TaxCode) -> Notice:
    return done(f"The tax code {code.code}, {code.rate} %, is there. It can be chosen below.")


def _wrong(error: SynclineError, values: dict[str, str]) -> dict[str, str]:
    """Return what is wrong with each field."""
    if isinstance(error, InvalidArgument):
        found = {each.field.rpartition(".")[2]: each.description for each in error.violations}
        return {field: f"It {text}." for field, text in found.items() if field in _FIELDS}
    return {"code": f"There is a tax code {values['code']} already; choose another."}


ROUTES: Final = (
    page(PATH, ask, needs=Role.OPERATOR),
    action(PATH, create, needs=Role.OPERATOR, back=PATH),
)

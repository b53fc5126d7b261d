"""A tax code that is there already."""

import pytest

from browsing import Page, Surfer
from pulled import HERE
from syncline.v1.record_pb2 import ListTaxCodesRequest
from syncline_client import Client

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
GOODS = {"display_name": "Goods", "code": "GST", "rate": "15"}


def create(surfer: Surfer, **typed: str) -> Page:
    """Send the form for a new one."""
    form = surfer.open(f"{HERE}/tax-codes/new")
    return surfer.submit(form, "#code-form", **{**GOODS, **typed})


def test_form_that_is_sent_twice_makes_one(surfer: Surfer, client: Client) -> None:
    """The second time it is told to be there, and nobody has to choose another code."""
    create(surfer)

    after = create(surfer, rate="15.00 %")

    assert after.address == f"{HERE}/tax-mapping"
    assert after.notices == ["The tax code GST, 15 %, is there. It can be chosen below."]
    found = client.records.ListTaxCodes(ListTaxCodesRequest(parent="workspaces/acme")).tax_codes
    assert [each.code for each in found] == ["GST"]


@pytest.mark.parametrize(
    "typed", [{"display_name": "Services"}, {"rate": "12"}], ids=["name", "rate"]
)
def test_another_one_of_the_code_is_refused(surfer: Surfer, typed: dict[str, str]) -> None:
    """What differs in anything is not taken for the one that is there."""
    create(surfer)

    after = create(surfer, **typed)

    assert after.status == 422
    assert "There is a tax code GST already" in after.text

"""The table of tax types: what comes first, what is saved, and what is refused."""

import pytest

from browsing import Page, Surfer
from pulled import HERE, rate, store_tax_rates
from record_calls import tax_code
from signing_in import SignedIn
from syncline.v1.mapping_pb2 import ListTaxMappingsRequest, TaxMapping, UpdateTaxMappingRequest
from syncline_client import Client
from syncline_server.core.model import MappingState
from wiring import ACME, Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE = f"{HERE}/tax-mapping"
GST, FREE, HALF = (f"workspaces/acme/taxCodes/{each}" for each in ("gst", "free", "half"))
FORM = "#tax-form"


@pytest.fixture
def pulled(server: Served, client: Client) -> Client:
    """A client of a workspace with three open tax types, one mapped, one that is not for sales."""
    for identifier, percent in (("gst", "15"), ("free", "0"), ("half", "7.5")):
        values = {"code": identifier.upper(), "display_name": f"Our {identifier}", "rate": percent}
        tax_code(client, values, identifier)
    store_tax_rates(
        server.wired,
        rate("OUTPUT"),
        rate("ZERO", "0"),
        rate("LEVY", "5"),
        rate("HALF", "7.5", MappingState.MAPPED, tax_code_id="half"),
        rate("INPUT", applies_to_sales=False),
    )
    return client


def stored(client: Client) -> dict[str, str]:
    """Return what each tax type is mapped to."""
    request = ListTaxMappingsRequest(parent=str(ACME), page_size=1000)
    found = client.mappings.ListTaxMappings(request).tax_mappings
    return {
        each.tax_type: "not_used" if each.not_used else each.tax_code.rpartition("/")[2]
        for each in found
    }


def listed(page: Page) -> list[str]:
    """Return the tax types of a table, from the top."""
    return [str(each["data-tax-type"]) for each in page.html.select("tr[data-tax-type]")]


def chosen(page: Page, tax_type: str) -> str:
    """Return what a row's choice shows."""
    (option,) = page.html.select(f"#to-{tax_type} option[selected]")
    return str(option["value"])


def change(client: Client, tax_type: str, **values: object) -> None:
    """Settle a tax type as somebody else would."""
    mapping = TaxMapping(name=f"{ACME}/taxMappings/{tax_type}", **values)  # type: ignore[arg-type]  # a test's own words
    client.mappings.UpdateTaxMapping(UpdateTaxMappingRequest(tax_mapping=mapping))


@pytest.mark.usefixtures("pulled")
def test_what_is_open_comes_first(surfer: Surfer) -> None:
    """Open tax types are above the rest and counted, and it says what waits for them."""
    page = surfer.open(PAGE)

    assert listed(page) == ["LEVY", "OUTPUT", "ZERO", "HALF", "INPUT"]
    assert page.words(".tax-left-number") == ["3 left to settle"]
    assert "then Contacts and Items can sync" in page.text
    assert "Not for sales" in page.one("#row-INPUT").get_text()


def test_one_choice_is_saved(pulled: Client, surfer: Surfer) -> None:
    """Only the row that was changed is sent; the others stay as they are."""
    page = surfer.open(PAGE)

    after = surfer.submit(page, FORM, **{"to:OUTPUT": GST})

    assert after.notices == ["Saved 1 tax rate."]
    assert stored(pulled) == {"HALF": "half", "INPUT": "", "LEVY": "", "OUTPUT": "gst", "ZERO": ""}
    assert after.words(".tax-left-number") == ["2 left to settle"]


def test_several_choices_are_saved_at_once(pulled: Client, surfer: Surfer) -> None:
    """One form settles everything, so that nothing is left and the next step is told."""
    page = surfer.open(PAGE)

    ignored = {"to:ZERO": "not_used", "to:LEVY": "not_used"}
    after = surfer.submit(page, FORM, **{"to:OUTPUT": GST, "to:HALF": "", **ignored})
    last = surfer.submit(after, FORM, **{"to:HALF": "not_used"})

    assert after.notices == ["Saved 4 tax rates."]
    assert stored(pulled)["OUTPUT"] == "gst"
    assert stored(pulled)["HALF"] == "not_used"
    assert "Everything is settled" in last.text


def test_nothing_changed_is_nothing_saved(pulled: Client, surfer: Surfer) -> None:
    """A form that nobody touched says so and changes nothing."""
    before = stored(pulled)

    after = surfer.submit(surfer.open(PAGE), FORM)

    assert "Nothing to save" in after.text
    assert stored(pulled) == before


def test_other_rate_needs_a_confirmation(pulled: Client, surfer: Surfer) -> None:
    """A mismatch shows both rates and a box to tick, and is saved with it; no choice is lost."""
    page = surfer.open(PAGE)
    refused = surfer.submit(page, FORM, **{"to:LEVY": FREE, "to:OUTPUT": GST})

    assert refused.status == 409
    assert "The rates differ: 5 % in Ledger, 0 % here." in refused.words("#about-LEVY")[0]
    assert (chosen(refused, "LEVY"), chosen(refused, "OUTPUT")) == (FREE, GST)
    assert stored(pulled)["OUTPUT"] == ""
    again = surfer.submit(refused, FORM)
    assert again.status == 409

    box = refused.one("#ok-LEVY")
    after = surfer.submit(refused, FORM, **{str(box["name"]): str(box["value"])})

    assert after.notices == ["Saved 2 tax rates."]
    assert (stored(pulled)["LEVY"], stored(pulled)["OUTPUT"]) == ("free", "gst")


def test_confirmation_is_for_one_tax_code(pulled: Client, surfer: Surfer) -> None:
    """Who ticks the box and then chooses another tax code of another rate is asked again."""
    refused = surfer.submit(surfer.open(PAGE), FORM, **{"to:LEVY": FREE})

    after = surfer.submit(refused, FORM, **{"ok:LEVY": FREE, "to:LEVY": GST})

    assert after.status == 409
    assert stored(pulled)["LEVY"] == ""
    assert after.one("#ok-LEVY")["value"] == GST


def test_taken_tax_code_is_refused_in_its_row(pulled: Client, surfer: Surfer) -> None:
    """A tax code of another tax type is refused where it was chosen, and nothing is lost."""
    after = surfer.submit(surfer.open(PAGE), FORM, **{"to:LEVY": HALF, "to:OUTPUT": GST})

    assert "Another tax type is mapped to HALF" in after.words("#about-LEVY")[0]
    assert chosen(after, "OUTPUT") == GST
    assert stored(pulled)["OUTPUT"] == ""


def test_somebody_else_was_faster(pulled: Client, surfer: Surfer) -> None:
    """Rows that changed meanwhile are marked and shown as they are; other choices are kept."""
    page = surfer.open(PAGE)
    change(pulled, "OUTPUT", not_used=True)

    late = surfer.submit(page, FORM, **{"to:OUTPUT": GST, "to:ZERO": FREE})

    assert late.status == 409
    assert "Somebody else changed this meanwhile" in late.words("#about-OUTPUT")[0]
    assert "You had chosen \u2068Our gst\u2069" in late.words("#about-OUTPUT")[0]
    assert (chosen(late, "OUTPUT"), chosen(late, "ZERO")) == ("not_used", FREE)
    assert stored(pulled)["ZERO"] == ""
    surfer.submit(late, FORM)
    assert (stored(pulled)["OUTPUT"], stored(pulled)["ZERO"]) == ("not_used", "free")


TWO_TABS: dict[str, dict[str, str | list[str]]] = {
    "suggestions": {"act": "suggest"},
    "another-row-refused": {"to:LEVY": FREE},
    "suggestions-over-a-choice": {"act": "suggest", "to:OUTPUT": GST},
    "ticked-beside-a-choice": {"act": "not_used", "pick": ["ZERO"], "to:OUTPUT": GST},
}


@pytest.mark.parametrize("pressed", TWO_TABS.values(), ids=TWO_TABS.keys())
def test_no_button_saves_over_what_somebody_else_decided(
    pulled: Client, surfer: Surfer, pressed: dict[str, str | list[str]]
) -> None:
    """What was settled meanwhile is shown as it is, and stays when the form is saved."""
    page = surfer.open(PAGE)
    change(pulled, "OUTPUT", not_used=True)

    between = surfer.submit(page, FORM, **pressed)
    surfer.submit(between, FORM)

    assert chosen(between, "OUTPUT") == str(pressed.get("to:OUTPUT", "not_used"))
    assert stored(pulled)["OUTPUT"] == "not_used"


def test_form_that_is_sent_twice_is_saved_once(pulled: Client, surfer: Surfer) -> None:
    """The second time it is said to be saved, and nobody is blamed for it."""
    page = surfer.open(PAGE)
    surfer.submit(page, FORM, **{"to:OUTPUT": GST})

    after = surfer.submit(page, FORM, **{"to:OUTPUT": GST})

    assert after.notices == ["It is saved like that already."]
    assert stored(pulled)["OUTPUT"] == "gst"


def test_suggestions_are_shown_before_they_are_saved(pulled: Client, surfer: Surfer) -> None:
    """They are offered, filled in on demand without being saved, and saved with the rest."""
    page = surfer.open(PAGE)
    assert page.words(".suggested") == [
        "Suggested: \u2068Our gst\u2069 (\u2068GST\u2069), 15 %",
        "Suggested: \u2068Our free\u2069 (\u2068FREE\u2069), 0 %",
    ]
    assert chosen(page, "OUTPUT") == ""
    kept = {"to:LEVY": "not_used", "to:ZERO": "not_used"}

    filled = surfer.submit(page, FORM, act="suggest", **kept)
    assert "Filled in 1 suggestion" in filled.text
    unsaved = [str(each.one("#tax-form")["data-unsaved"]) for each in (page, filled)]
    assert unsaved == ["", "yes"]
    assert [chosen(filled, each) for each in ("OUTPUT", "ZERO", "LEVY")] == [GST, *kept.values()]
    assert stored(pulled)["OUTPUT"] == ""

    surfer.submit(filled, FORM)
    assert stored(pulled)["OUTPUT"] == "gst"
    assert stored(pulled)["LEVY"] == "not_used"


def test_ticked_rows_are_settled_together(pulled: Client, surfer: Surfer) -> None:
    """Ticked rows become not used or unmapped; what else was chosen is kept, and not saved."""
    page = surfer.open(PAGE)

    after = surfer.submit(page, FORM, act="not_used", pick=["LEVY", "HALF"], **{"to:OUTPUT": GST})

    assert (stored(pulled)["LEVY"], stored(pulled)["HALF"]) == ("not_used", "not_used")
    assert stored(pulled)["OUTPUT"] == ""
    assert (chosen(after, "OUTPUT"), "1 other change below" in after.text) == (GST, True)
    surfer.submit(surfer.open(PAGE), FORM, act="unmap", pick=["LEVY", "HALF"])
    assert (stored(pulled)["LEVY"], stored(pulled)["HALF"]) == ("", "")


def test_nothing_ticked_is_said(pulled: Client, surfer: Surfer) -> None:
    """A button for ticked rows says what is missing when none is ticked."""
    after = surfer.submit(surfer.open(PAGE), FORM, act="not_used", **{"to:OUTPUT": GST})

    assert "Tick the tax rates first" in after.text
    assert chosen(after, "OUTPUT") == GST
    assert stored(pulled)["OUTPUT"] == ""


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?show=mapped", ["HALF"]),
        ("?show=open&q=lev", ["LEVY"]),
        ("?q=output", ["OUTPUT"]),
        ("?show=mapped&q=lev", []),
        ("?show=nonsense&page=-1", ["LEVY", "OUTPUT", "ZERO", "HALF", "INPUT"]),
    ],
)
@pytest.mark.usefixtures("pulled")
def test_table_is_narrowed(surfer: Surfer, query: str, found: list[str]) -> None:
    """A state and words narrow the table; an empty one leads back to all."""
    page = surfer.open(PAGE + query)

    assert listed(page) == found
    assert bool(page.html.select("a.button[href$=tax-mapping]")) is not bool(found)


def test_narrowed_table_stays_so_after_saving(pulled: Client, surfer: Surfer) -> None:
    """Who saves comes back to what they were looking at."""
    after = surfer.submit(surfer.open(f"{PAGE}?show=open&q=lev"), FORM, **{"to:LEVY": "not_used"})

    assert after.address == f"{PAGE}?show=open&q=lev"
    assert stored(pulled)["LEVY"] == "not_used"


def test_what_changed_at_the_provider_is_kept(
    server: Served, pulled: Client, surfer: Surfer
) -> None:
    """It says why it needs a review; ticking that it stays as it is maps it again."""
    review = {"tax_code_id": "gst", "review_reason": "Its rate changed from 15 % to 16 %."}
    store_tax_rates(server.wired, rate("GOODS", "16", MappingState.NEEDS_REVIEW, **review))
    page = surfer.open(PAGE)
    assert listed(page)[0] == "GOODS"
    assert "Its rate changed from 15 % to 16 %." in page.words("#about-GOODS")[0]
    assert "Keep as it is: 16 % in Ledger, 15 % here" in page.words("#about-GOODS")[0]

    surfer.submit(page, FORM, **{"keep:GOODS": "yes"})

    request = ListTaxMappingsRequest(parent=str(ACME), query="GOODS")
    (kept,) = pulled.mappings.ListTaxMappings(request).tax_mappings
    assert (kept.state, kept.tax_code) == (TaxMapping.STATE_MAPPED, GST)


@pytest.mark.usefixtures("pulled")
def test_what_is_gone_cannot_be_kept(server: Served, surfer: Surfer) -> None:
    """A tax type that cannot be used any more has no box to keep it, but says what to choose."""
    gone = rate(
        "GONE",
        state=MappingState.NEEDS_REVIEW,
        active=False,
        tax_code_id="gst",
        review_reason="It is gone at the provider.",
    )
    store_tax_rates(server.wired, gone)

    page = surfer.open(PAGE)

    assert not page.html.select("#keep-GONE")
    assert "choose “Not used” or “Not mapped”" in page.words("#about-GONE")[0]


def test_large_table_has_pages(server: Served, client: Client, surfer: Surfer) -> None:
    """A hundred rows are on a page, and saving on the second one changes what is there."""
    store_tax_rates(server.wired, *(rate(f"T{number:03}") for number in range(130)))

    second = surfer.open(f"{PAGE}?page=2")
    assert second.words(".pager .mute") == ["101 to 130 of 130"]
    assert surfer.submit(second, FORM).words(".pager .mute") == []
    surfer.submit(second, FORM, **{"to:T129": "not_used"})

    assert listed(second) == [f"T{number}" for number in range(100, 130)]
    assert stored(client)["T129"] == "not_used"


def test_empty_pages_say_what_to_do(server: Served, surfer: Surfer) -> None:
    """Without a connection it leads to connecting, without tax rates to syncing them."""
    nowhere = surfer.open(PAGE)
    server.wired.connect()
    nothing = surfer.open(PAGE)

    assert "Connect Ledger first" in nowhere.text
    assert "Sync Tax Rates first" in nothing.text
    assert nothing.one(".empty a")["href"] == HERE


def test_tax_code_can_be_made_where_there_is_none(
    server: Served, client: Client, surfer: Surfer
) -> None:
    """How many wait is said; a form proposes name and rate, and what it makes is suggested."""
    store_tax_rates(server.wired, rate("OUTPUT", "12.5"))
    page = surfer.open(PAGE)
    assert "There are no tax codes here yet" in page.text
    assert "1 tax rate of Ledger waits for one" in page.text

    form = surfer.open(str(page.one("#about-OUTPUT a")["href"]))
    assert form.one("#rate")["value"] == "12.5"
    after = surfer.submit(form, "#code-form", code="GST", rate="12,5 %")

    assert "Created the tax code GST, 12.5 %" in after.notices[0]
    assert after.words(".suggested") == ["Suggested: \u2068Output\u2069 (\u2068GST\u2069), 12.5 %"]
    assert stored(client)["OUTPUT"] == ""


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"code": "gst", "rate": "3"}, "code"),
        ({"code": "NEW", "rate": "101"}, "rate"),
        ({"code": "NEW", "rate": "much"}, "rate"),
        ({"code": "", "rate": "3"}, "code"),
    ],
    ids=["code-taken", "rate-too-high", "rate-no-number", "no-code"],
)
@pytest.mark.usefixtures("pulled")
def test_tax_code_that_is_wrong_is_said_beside_the_field(
    surfer: Surfer, typed: dict[str, str], field: str
) -> None:
    """What was typed stays, and the field says what is wrong with it."""
    form = surfer.open(f"{HERE}/tax-codes/new")

    after = surfer.submit(form, "#code-form", display_name="New", **typed)

    assert after.status == 422
    assert after.one("#display_name")["value"] == "New"
    assert [str(each["id"]) for each in after.html.select("[aria-invalid]")] == [field]


@pytest.mark.usefixtures("pulled")
def test_viewer_sees_the_table_without_controls(signed_in: SignedIn) -> None:
    """Somebody who may look only sees what is mapped to what, and nothing to change it with."""
    page = signed_in("VIEWER", "acme").open(PAGE)

    assert "Our half" in page.one("#row-HALF").get_text()
    assert not page.html.select("main select, main input:not([type=search]):not([type=hidden])")
    assert not page.html.select("#tax-form button, .bar")


def test_hostile_titles_stay_words(server: Served, client: Client, surfer: Surfer) -> None:
    """Markup, long, reversed and invisible names are shown as names, on both sides."""
    tax_code(client, {"code": "<i>", "display_name": "\u202e<b>evil", "rate": "15"}, "evil")
    store_tax_rates(
        server.wired,
        rate("A", name="<script>alert(1)</script>"),
        rate("B", name="x" * 500),
        rate("C", name="\u3164\u200b"),
    )

    page = surfer.open(PAGE)

    assert "<script>alert(1)</script>" in page.words("#title-A")
    assert not page.html.select("main script, main b, main i")
    assert page.words("#title-B details bdi") == ["x" * 500]
    assert page.words("#title-C") == ["(blank name)"]
    assert page.one("#to-A option[value$=evil]").get_text().startswith("\u2068\u202e<b>evil\u2069")

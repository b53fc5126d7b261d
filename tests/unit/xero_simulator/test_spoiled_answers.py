"""Answers that faults spoil."""

import json

import pytest

from simulator_driver import SimulatorDriver
from syncline_xero_simulator.faults import ConnectionDroppedError


def _order(driver: SimulatorDriver, kind: str, **members: object) -> None:
    driver.control("POST", "faults", {"kind": kind, **members})


def test_a_connection_can_be_cut_during_an_answer(xero: SimulatorDriver) -> None:
    """What was asked for is done, and half of what is said arrives."""
    _order(xero, "drop-during", method="PUT", path="contacts")

    with pytest.raises(ConnectionDroppedError):
        xero.call("PUT", "Contacts", {"Name": "Kauri"})

    assert len(xero.get("Contacts", where='Name=="Kauri"')["Contacts"]) == 1


def test_an_answer_can_drip(xero: SimulatorDriver) -> None:
    """All of it arrives, after a pause before each piece."""
    _order(xero, "drip", seconds="7")

    assert xero.get("Organisation")["Organisations"]
    assert xero.waits == [7.0] * 20


@pytest.mark.parametrize(
    ("kind", "type_"), [("html-answer", "text/html"), ("xml-answer", "text/xml")]
)
def test_a_success_can_be_of_another_content(xero: SimulatorDriver, kind: str, type_: str) -> None:
    """The status says 200, the body is no JSON and says so."""
    _order(xero, kind)
    answer = xero.call("GET", "Organisation")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(type_)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_an_answer_can_be_larger_than_anybody_wants(xero: SimulatorDriver) -> None:
    """It is the same answer behind two megabytes of blanks."""
    _order(xero, "over-large")
    answer = xero.call("GET", "Organisation")

    assert len(answer.content) > 2 * 1024 * 1024
    assert answer.json()["Organisations"]


def test_pages_can_be_repeated(xero: SimulatorDriver) -> None:
    """Whichever page is asked for, the first one comes and promises another."""
    first = [c["ContactID"] for c in xero.get("Contacts", page=1)["Contacts"]]
    _order(xero, "repeated-page")
    third = xero.get("Contacts", page=3)

    assert [c["ContactID"] for c in third["Contacts"]] == first
    assert third["pagination"]["pageCount"] == 4


def test_pages_can_be_without_end(xero: SimulatorDriver) -> None:
    """Each is full of records that no other page has."""
    _order(xero, "endless-pages", count=None)
    pages = [xero.get("Contacts", page=page) for page in (1, 2, 900)]
    ids = [contact["ContactID"] for page in pages for contact in page["Contacts"]]

    assert len(set(ids)) == len(ids) == 3 * 29
    assert pages[2]["pagination"]["pageCount"] == 901


def test_counts_can_be_too_small(xero: SimulatorDriver) -> None:
    """A page that holds records says that there is none."""
    _order(xero, "small-pagination")
    said = xero.get("Contacts", page=1)

    assert (said["pagination"]["itemCount"], len(said["Contacts"])) == (0, 29)


def test_records_can_come_twice_in_a_page(xero: SimulatorDriver) -> None:
    """Each id twice."""
    _order(xero, "duplicate-ids")
    ids = [contact["ContactID"] for contact in xero.get("Contacts", page=1)["Contacts"]]

    assert (len(ids), len(set(ids))) == (58, 29)


def test_texts_can_be_huge(xero: SimulatorDriver) -> None:
    """Names are a hundred thousand characters longer."""
    _order(xero, "huge-strings")

    names = [contact["Name"] for contact in xero.get("Contacts", page=1)["Contacts"]]

    assert all(len(name) > 100_000 for name in names)


def test_a_fault_can_mean_what_is_sent(xero: SimulatorDriver) -> None:
    """Only calls that send this text are hit, for ever."""
    _order(xero, "error-500", method="PUT", body="Kauri", count=None)

    sent = [xero.call("PUT", "Contacts", {"Name": name}) for name in ("Kauri", "Rata", "Kauri 2")]

    assert [answer.status_code for answer in sent] == [500, 200, 500]

"""Webhooks."""

import json

import pytest

from simulator_driver import SimulatorDriver
from syncline_xero_simulator.webhooks.messages import almost_right, receive_check_body, signature
from syncline_xero_simulator.webhooks.sender import Subscription, WebhookSender

_KEY = "orderverse-demo-webhook-key-0001"
_URL = "http://receiver.example/xero"


def _configure(driver: SimulatorDriver, *, held: bool = False) -> None:
    driver.control("POST", "webhooks", {"url": _URL, "key": _KEY, "held": held})


def _bodies(driver: SimulatorDriver) -> list[dict[str, object]]:
    return [json.loads(body) for _, body, _ in driver.posts]


def test_the_signature_is_that_of_the_published_vector() -> None:
    """Key as text, raw bytes, base64; the check body keeps its odd spacing."""
    body = receive_check_body("ORDERVERSEENTROPY001")

    assert len(body) == 95
    assert signature(body, _KEY) == "WToB6vZqaHTGs2VDExi6hivRtuTqbCHHOVAjJfhy+a4="


def test_a_wrong_signature_differs_in_one_character() -> None:
    """Receivers that compare loosely are found out."""
    for signed in ("Abc=", "Zbc="):
        wrong = almost_right(signed)
        assert sum(one != other for one, other in zip(signed, wrong, strict=True)) == 1


def test_nothing_is_queued_until_a_receiver_is_configured(xero: SimulatorDriver) -> None:
    """Changes before that are gone."""
    xero.put_invoice()

    assert (
        xero.control("GET", "webhooks")["state"],
        xero.control("GET", "webhooks")["pending"],
    ) == ("OFF", [])


def test_changes_are_delivered_signed_and_thin(xero: SimulatorDriver) -> None:
    """An event tells ids only; its signature fits the raw body."""
    _configure(xero)
    invoice = xero.put_invoice()
    xero.simulator.parts.webhooks.deliver_due()
    url, body, headers = xero.posts[0]
    sent = json.loads(body)

    assert url == _URL
    assert signature(body, _KEY) == headers["x-xero-signature"]
    assert [("INVOICE", "CREATE", invoice["InvoiceID"], xero.tenant_id)] == [
        (event["eventCategory"], event["eventType"], event["resourceId"], event["tenantId"])
        for event in sent["events"]
    ]
    assert (
        sent["firstEventSequence"],
        sent["lastEventSequence"],
        len(sent["entropy"]),
    ) == (1, 1, 20)


def test_people_and_payments_fire_unless_switched_off(xero: SimulatorDriver) -> None:
    """Approvals and payments are INVOICE UPDATE, contacts CONTACT; items send nothing."""
    xero.put_invoice(InvoiceNumber="OV-1")
    _configure(xero, held=True)
    xero.control_organisation("POST", "invoices/OV-1/approve")
    xero.control_organisation("POST", "invoices/OV-1/pay", {"amount": 1})
    xero.control_organisation("POST", "contacts", {"Name": "Kauri"})
    xero.control_organisation("POST", "items", {"Code": "A"})
    xero.switch(payments_fire_webhooks=False)
    xero.control_organisation("POST", "invoices/OV-1/pay", {"amount": 1})
    xero.switch(people_fire_webhooks=False)
    xero.control_organisation("POST", "contacts/Kauri/archive")
    pending = xero.control("GET", "webhooks")["pending"]

    assert [(event["eventCategory"], event["eventType"]) for event in pending] == [
        ("INVOICE", "UPDATE"),
        ("INVOICE", "UPDATE"),
        ("CONTACT", "CREATE"),
    ]


def test_held_events_go_twice_and_backwards_on_request(xero: SimulatorDriver) -> None:
    """Duplicates and disorder are what a receiver must bear."""
    _configure(xero, held=True)
    for name in ("One", "Two"):
        xero.call("PUT", "Contacts", {"Name": name})
    xero.simulator.parts.webhooks.deliver_due()
    sent_while_held = len(xero.posts)
    delivered = xero.control("POST", "webhooks/deliver", {"duplicate": True, "newest_first": True})

    assert (sent_while_held, delivered) == (0, {"delivered": 2})
    assert [body["firstEventSequence"] for body in _bodies(xero)] == [2, 2, 1, 1]


@pytest.mark.parametrize(
    ("answers", "state"),
    [([200, 401, 200, 401], "OK"), ([200, 200, 200, 200], "CHECK_FAILED"), ([0], "CHECK_FAILED")],
)
def test_the_receiver_is_checked(xero: SimulatorDriver, answers: list[int], state: str) -> None:
    """Right signatures must be accepted and wrong ones refused."""
    _configure(xero)
    xero.receiver_answers = answers
    result = xero.control("POST", "webhooks/check")

    assert state == result["state"]
    assert [check["signed_correctly"] for check in result["checks"]] == [True, False, True, False]
    assert all(body["events"] == [] for body in _bodies(xero))


def test_a_failing_receiver_is_tried_again_and_then_given_up(xero: SimulatorDriver) -> None:
    """At once, every 15 minutes, and after 24 hours the subscription is disabled."""
    _configure(xero)
    sender = xero.simulator.parts.webhooks
    xero.receiver_answers = [500] * 1000
    xero.call("PUT", "Contacts", {"Name": "Kauri"})
    sender.deliver_due()
    sender.deliver_due()
    at_once = len(xero.posts)
    xero.clock.advance(15 * 60)
    sender.deliver_due()
    later = len(xero.posts)
    xero.clock.advance(24 * 3600)
    sender.deliver_due()

    assert (at_once, later) == (2, 4)
    assert sender.subscription.state == "DISABLED"


def test_a_receiver_that_recovers_gets_what_waited(xero: SimulatorDriver) -> None:
    """The queue is kept until it is delivered."""
    _configure(xero)
    sender = xero.simulator.parts.webhooks
    xero.receiver_answers = [500, 500]
    xero.call("PUT", "Contacts", {"Name": "Kauri"})
    sender.deliver_due()
    xero.clock.advance(15 * 60)
    sender.deliver_due()

    assert [one.status for one in sender.deliveries] == [500, 500, 200]
    assert sender.pending() == []


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({"url": "receiver", "key": "k"}, "url must be"),
        ({"url": "file:///etc/passwd", "key": "k"}, "url must be"),
        ({"url": _URL}, "key is missing"),
        ({"adress": _URL}, "unknown member"),
    ],
)
def test_a_malformed_receiver_is_refused(
    fresh: SimulatorDriver, body: dict[str, str], part: str
) -> None:
    """The message names what is wrong; delivering needs a receiver."""
    assert part in fresh.control("POST", "webhooks", body, status=400)["error"]
    for action in ("check", "deliver"):
        assert "off" in fresh.control("POST", f"webhooks/{action}", status=400)["error"]


def test_what_happens_while_events_go_out_goes_out_as_well(xero: SimulatorDriver) -> None:
    """An event that comes while others are delivered, and are asked for, waits for its turn."""
    sent: list[list[str]] = []

    def post(_url: str, body: bytes, _headers: dict[str, str]) -> int:
        sent.append([event["resourceId"] for event in json.loads(body)["events"]])
        if len(sent) == 1:
            sender.flush()
            sender.announce("kauri", "CONTACT", "two", is_new=True)
        return 200

    sender = WebhookSender(xero.clock, xero.simulator.parts.mint, "http://xero.example", post)
    sender.configure(Subscription(url=_URL, key=_KEY))
    sender.announce("kauri", "CONTACT", "one", is_new=True)
    sender.deliver_due()
    sender.deliver_due()

    assert sent == [["one"], ["one"], ["two"]]

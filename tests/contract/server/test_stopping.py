"""A server that is told to stop while its provider keeps it waiting."""

import socket
import threading
from dataclasses import replace
from pathlib import Path

import httpx

from databases import SqliteTemplate
from syncline_demo.story.workspace import Workspace
from syncline_xero_simulator import SigningKey
from whole_server import SharedTime, Whole, serving_it, simulated

LONG = 30.0
BETWEEN_TRIES = 0.02
THREE_WEEKS = 21 * 86_400


class Hanging:
    """A token endpoint that answers once the server that asks takes no more connections."""

    def __init__(self) -> None:
        self.renewals = 0
        self.is_asked = threading.Event()
        self._answers = threading.Event()

    def __call__(self, request: httpx.Request) -> None:
        """Hold a call up."""
        if request.url.path == "/connect/token":
            self.renewals += 1
            self.is_asked.set()
            self._answers.wait(LONG)

    def watch(self, port: int) -> None:
        """Answer once nobody listens there."""
        while not self._answers.wait(BETWEEN_TRIES):
            try:
                socket.create_connection(("127.0.0.1", port), LONG).close()
            except OSError:
                self._answers.set()


def connect_two(whole: Whole) -> None:
    """Connect two workspaces, each by another person: each has a grant of its own."""
    whole.driver.control("POST", "organisations", {"name": "Second Ltd", "contacts": 1})
    whole.connect()
    other = Workspace(client=whole.workspace.client, id="globex")
    replace(whole, workspace=other).connect("Second Ltd", "jack@southerncross.example")


def test_one_renewal_is_waited_for_and_not_all_that_are_due(
    sqlite_template: SqliteTemplate, tmp_path: Path
) -> None:
    """Grants that have to be kept alive do not hold up a stop one after the other."""
    url, hanging = sqlite_template.url(tmp_path), Hanging()
    with simulated(SigningKey.generate(), contacts=1) as driver:
        clock = SharedTime(driver)
        with serving_it(url, tmp_path, driver, clock) as whole:
            connect_two(whole)
        clock.advance(seconds=THREE_WEEKS)

        with serving_it(url, tmp_path, driver, clock, hanging) as whole:
            assert hanging.is_asked.wait(LONG)
            watching = threading.Thread(target=hanging.watch, args=(whole.port,))
            watching.start()
        watching.join(LONG)

    assert hanging.renewals == 1

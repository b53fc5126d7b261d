import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pool import Default

from bookkeeping import add_customer, ready_to_push
from connect_bench import in_threads
from fake_provider import FAKE
from ledger import REDIRECT
from running import ACME, KAURI, NOON, connect, running
from syncline_sdk import Contact, Issue, RecordKind
from syncline_server.core.access import Role
from syncline_server.core.data_inventory import INVENTORY
from syncline_server.core.model import MappingState, Settings
from syncline_server.core.records import Customer
from syncline_server.services.exports import ExportAbandoned, Exports
from syncline_server.storage import (
    changes,
    connections,
    contacts,
    customers,
    run_issues,
    settings,
)
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.database import Database
from syncline_server.storage.run_issues import IssueRow
from wiring import Wired

ARCHIVE = "organisations/xero/kauri"


@pytest.fixture
def exports(database: Database) -> Exports:
    """What exports."""
    return Wired(database).workspaces.exports


class Archive:
    """An archive that was read back, every line as the message it says it is."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            self.files = {name: archive.read(name) for name in archive.namelist()}
        self.manifest: dict[str, Any] = json.loads(self.files["manifest.json"])

    def messages(self, path: str) -> list[Any]:
        """Return the messages of a file."""
        (entry,) = [each for each in self.manifest["files"] if each["path"] == path]
        if not entry["message"]:
            return []
        descriptor = Default().FindMessageTypeByName(entry["message"])
        kind = message_factory.GetMessageClass(descriptor)
        return [json_format.Parse(line, kind()) for line in self.files[path].splitlines()]

    def names(self, path: str) -> list[str]:
        """Return the names of what is in a file."""
        return [each.name for each in self.messages(path)]


def exported(exports: Exports, workspace: str = "acme") -> Archive:
    """Return a workspace's archive."""
    target = io.BytesIO()
    exports.write(workspace, target)
    return Archive(target.getvalue())


def fill(database: Database) -> None:
    """Put something of every kind into workspace acme."""
    connect(database)
    ready_to_push(database, "inv1", "inv2")
    journal = running(database, "contacts")
    issue = Issue(
        code="ODD",
        message="Odd.",
        action="Mend it.",
        kind=RecordKind.CONTACT,
        record_id="c9",
        record_name="Odd Ltd",
    )
    with database.transaction():
        run_issues.add(database, journal.run, [IssueRow(issue)], NOON)
        chosen = Settings(on=frozenset({"contacts"}), options={"phone_field": "MOBILE"})
        settings.save(database, ACME, chosen, NOON)


def test_everything_is_there_in_the_apis_own_terms(database: Database, exports: Exports) -> None:
    """Each line is a message of the API, named as the API names it."""
    fill(database)

    archive = exported(exports)

    home, xero = "workspaces/acme", "workspaces/acme/connections/xero"
    assert archive.names("customers.jsonl") == [f"{home}/customers/kerr"]
    assert archive.names("products.jsonl") == [f"{home}/products/widget"]
    assert archive.names("tax_codes.jsonl") == [f"{home}/taxCodes/gst"]
    assert archive.names("invoices.jsonl") == [f"{home}/invoices/inv1", f"{home}/invoices/inv2"]
    assert archive.names(f"{ARCHIVE}/contact_mappings.jsonl") == [f"{xero}/contactMappings/c1"]
    assert archive.names(f"{ARCHIVE}/item_mappings.jsonl") == [f"{xero}/itemMappings/i1"]
    assert archive.names(f"{ARCHIVE}/tax_mappings.jsonl") == [f"{xero}/taxMappings/OUTPUT2"]
    assert archive.names("runs.jsonl") == [f"{home}/runs/run1"]
    assert archive.names("run_issues.jsonl") == [f"{home}/runs/run1/issues/1"]
    assert archive.names("connections.jsonl") == [xero]
    (chosen,) = archive.messages("settings.jsonl")
    assert (chosen.name, dict(chosen.toggles)) == (f"{xero}/settings", {"contacts": True})
    assert chosen.options["phone_field"] == "MOBILE"
    (customer,) = archive.messages("customers.jsonl")
    assert customer.display_name == "Kerr Ltd"
    last = changes.history(database, "acme").last
    assert len(archive.messages("changes.jsonl")) == last


def test_the_manifest_tells_what_is_in_it(database: Database, exports: Exports) -> None:
    """Lines, bytes and digest of each file are what they are; nothing else is in the archive."""
    fill(database)

    archive = exported(exports)

    assert archive.manifest["workspace"] == "workspaces/acme"
    assert archive.manifest["format"] == 1
    listed = {each["path"]: each for each in archive.manifest["files"]}
    assert {*listed, "manifest.json"} == set(archive.files)
    for path, each in listed.items():
        data = archive.files[path]
        assert each["count"] == len(data.splitlines()) == len(archive.messages(path)), path
        assert each["bytes"] == len(data), path
        assert each["sha256"] == hashlib.sha256(data).hexdigest(), path


def test_every_kind_of_the_inventory_is_a_file_and_the_rest_says_why(
    database: Database, exports: Exports
) -> None:
    """What a table is exported as is there, and what is left out is told with its reason."""
    fill(database)

    archive = exported(exports)

    kinds = {path.rpartition("/")[2].removesuffix(".jsonl") for path in archive.files}
    assert {each.exported for each in INVENTORY if each.exported} | {"manifest.json"} == kinds
    assert archive.manifest["left_out"] == {
        each.table: each.not_exported for each in INVENTORY if not each.exported
    }


def test_counts_are_those_of_the_tables(database: Database, exports: Exports) -> None:
    """Over pages, too, each record is there once."""
    with database.transaction():
        for number in range(1_203):
            add_customer(database, f"c{number:05}", Contact(id="", name=f"Kerr {number}"))

    archive = exported(exports)

    names = archive.names("customers.jsonl")
    assert len(names) == len(set(names)) == 1_203


def test_other_workspaces_are_not_in_it(database: Database, exports: Exports) -> None:
    """Nothing of theirs, in any file."""
    fill(database)
    customer = Customer(workspace="globex", id="c1", display_name="canary-of-globex")
    with database.transaction():
        customers.insert(database, customer, NOON)
        connections.lock(database, replace(ACME, workspace="globex"), NOON)

    archive = exported(exports)

    assert b"globex" not in b"".join(archive.files.values())
    assert archive.names("customers.jsonl") == ["workspaces/acme/customers/kerr"]


def test_no_secret_is_in_it(database: Database) -> None:
    """No token, state, verifier or hash, after a whole consent and with another under way."""
    wired = Wired(database)
    secret = wired.token(Role.ADMIN, "acme")
    wired.approve()
    started = wired.connections.start("acme", FAKE, REDIRECT, "me")
    stored = [
        *[row["tokens"] for row in database.rows("SELECT tokens FROM grants")],
        *[row["state_hash"] for row in database.rows("SELECT state_hash FROM consents")],
        *[
            row["verifier"]
            for row in database.rows("SELECT verifier FROM consents")
            if row["verifier"]
        ],
        *[row["token_hash"] for row in database.rows("SELECT token_hash FROM access_tokens")],
    ]

    archive = exported(wired.workspaces.exports)

    text = b"".join(archive.files.values()).decode()
    assert archive.names("modules.jsonl")
    assert len(stored) == 5
    for each in (secret, started.state, *wired.ledger.issued, *stored):
        assert each not in text


def test_organisations_of_before_are_there(database: Database, exports: Exports) -> None:
    """Each has a folder of its own, and whatever its id is, no path leads out of the archive."""
    connect(database)
    for identifier in ("kauri", "../../etc"):
        organisation = KAURI._replace(id=identifier)
        row = ContactRow(Contact(id="c1", name="Kerr"), "", MappingState.UNMAPPED, None)
        contacts.write(database, organisation, [row], NOON)

    archive = exported(exports)

    paths = [path for path in archive.files if path.endswith("contact_mappings.jsonl")]
    assert paths == [
        "organisations/xero/..%2F..%2Fetc/contact_mappings.jsonl",
        f"{ARCHIVE}/contact_mappings.jsonl",
    ]


def test_it_is_as_it_was_at_one_moment(database: Database, exports: Exports) -> None:
    """What is written while it is made is not in it, and nobody waits for it to end."""
    fill(database)

    def meanwhile(path: str, _count: int) -> None:
        if path == "connections.jsonl":
            in_a_thread(lambda: add_customer(database, "late", Contact(id="", name="Late Ltd")))

    target = io.BytesIO()
    exports.write("acme", target, tell=meanwhile)

    assert Archive(target.getvalue()).names("customers.jsonl") == ["workspaces/acme/customers/kerr"]
    assert len(exported(exports).names("customers.jsonl")) == 2


def in_a_thread(call: Callable[[], object]) -> None:
    """Do something on a connection of its own."""
    (outcome,) = in_threads(call)
    assert not isinstance(outcome, Exception), outcome


def test_it_ends_when_nobody_waits(database: Database, exports: Exports) -> None:
    """A page later at most."""
    fill(database)

    with pytest.raises(ExportAbandoned):
        exports.write("acme", io.BytesIO(), is_awaited=lambda: False)


def test_an_empty_workspace_has_an_archive(exports: Exports) -> None:
    """Every file is there, without a line."""
    archive = exported(exports, "nobody")

    assert {each["count"] for each in archive.manifest["files"]} == {0}


def test_memory_does_not_grow_with_the_workspace(
    database: Database, exports: Exports, tmp_path: Path
) -> None:
    """Four times as many customers take about as much of it."""
    small = peak(database, exports, tmp_path, 1_000)
    large = peak(database, exports, tmp_path, 4_000)

    assert large < 1.5 * small


def peak(database: Database, exports: Exports, folder: Path, count: int) -> int:
    """Return the most bytes an export holds at once when there are so many customers."""
    with database.transaction():
        for number in range(count):
            add_customer(database, f"{count}-{number}", Contact(id="", name=f"Kerr {number}"))
    with (folder / "archive.zip").open("wb") as file:
        tracemalloc.start()
        try:
            exports.write("acme", file)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

"""The documentation is held against what it documents."""

import base64
import hmac
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from syncline_console import config as console_config
from syncline_demo import config as demo_config
from syncline_sdk import RecordKind
from syncline_sdk.testing import FakeRunContext, Script, answer, check_webhooks
from syncline_server.config import read_config
from syncline_server.core.errors import Reason

KEY = "k" * 43 + "="
PROVIDER = {"SYNCLINE_XERO_CLIENT_ID": "id", "SYNCLINE_XERO_CLIENT_SECRET": "secret"}
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


class Recording(dict[str, str]):
    """An environment that remembers which variables were asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        """Return a variable's value."""
        self.asked.add(key)
        return super().get(key, default)


@pytest.fixture
def root(pytestconfig: pytest.Config) -> Path:
    """The folder of the checkout."""
    return pytestconfig.rootpath


def table(page: Path, heading: str = "") -> dict[str, list[str]]:
    """Return the rows of the tables under a heading (of the page without one), by first cell."""
    text = page.read_text()
    if heading:
        text = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = (re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line[:3] == "| `")
    return {cells[0].strip(" `"): [cell.strip() for cell in cells[1:]] for cells in rows}


def variables(root: Path, heading: str) -> dict[str, str]:
    """Return documented variables with their defaults."""
    found = table(root / "docs" / "configuration.md", heading)
    return {name: cells[0].strip("`") for name, cells in found.items()}


def test_every_variable_of_the_server_is_documented(root: Path) -> None:
    """The page lists exactly the variables that are read."""
    environ = Recording({**PROVIDER, "SYNCLINE_ENCRYPTION_KEYS": KEY})
    read_config(environ)
    assert environ.asked | PROVIDER.keys() == variables(root, "Server").keys()


def test_documented_defaults_of_the_server_are_its_defaults(root: Path) -> None:
    """Setting every variable to what the page calls its default changes nothing."""
    needed = {"SYNCLINE_ENCRYPTION_KEYS": KEY}
    documented = {name: text for name, text in variables(root, "Server").items() if text}
    assert read_config({**documented, **needed}) == read_config(needed)


@pytest.mark.parametrize(
    ("heading", "declared"),
    [
        ("Console", console_config.VARIABLES),
        ("Local stack and demo", demo_config.VARIABLES),
    ],
    ids=["console", "demo"],
)
def test_variables_of_the_clients_are_documented(
    root: Path, heading: str, declared: dict[str, str]
) -> None:
    """The page lists exactly their variables, with their defaults."""
    assert variables(root, heading) == declared


def reasons_of_the_api(root: Path) -> dict[str, tuple[str, set[str]]]:
    """Return each reason with its code and metadata keys, as the API's comments have them."""
    text = (root / "protos" / "syncline" / "v1" / "error_reason.proto").read_text()
    declared = re.findall(
        r"Code: ([A-Z_]+)\. Metadata: ([^\n]+(?:\n  //[^\n]+)*)\n  ERROR_REASON_([A-Z_]+) =", text
    )
    return {
        # In brackets is what a key holds.
        name: (code, set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", keys))))
        for code, keys, name in declared
    }


def test_every_reason_is_documented_as_declared(root: Path) -> None:
    """The page has each reason once, with the code and the metadata key of the API."""
    page = table(root / "docs" / "errors.md")
    documented = {
        name: (cells[0], set(re.findall(r"`(\w+)`", cells[2]))) for name, cells in page.items()
    }
    assert documented == reasons_of_the_api(root)
    assert documented.keys() == {*Reason, "INTERNAL"}


def test_every_reason_says_what_to_do(root: Path) -> None:
    """Nobody is left with a word alone."""
    page = table(root / "docs" / "errors.md")
    assert [name for name, cells in page.items() if not cells[3].endswith(".")] == []


def test_details_follow_from_the_code(root: Path) -> None:
    """Each code promises the same detail wherever it is."""
    page = table(root / "docs" / "errors.md")
    promised: dict[str, set[str]] = {}
    for cells in page.values():
        promised.setdefault(cells[0], set()).add(cells[1].split(",")[0])
    assert {code: found for code, found in promised.items() if len(found) != 1} == {}


def pages(root: Path) -> Iterator[Path]:
    """Yield every page of documentation."""
    yield from root.glob("*.md")
    yield from root.glob("docs/**/*.md")


def test_links_lead_somewhere(root: Path) -> None:
    """Every relative link names a file or folder of the checkout."""
    broken = [
        f"{page.relative_to(root)}: {target}"
        for page in pages(root)
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_targets_that_are_named_exist(root: Path) -> None:
    """Nobody is told to make what the Makefile does not know."""
    known = set(re.findall(r"^([a-z0-9-]+):", (root / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for page in pages(root)
        for target in re.findall(r"`make ([a-z0-9 -]+)`", page.read_text())
    }
    assert {word for target in named for word in target.split()} <= known


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def test_the_smallest_plugin_works(root: Path) -> None:
    """What the page on plugins shows runs as it stands, its own test included."""
    page = root / "docs" / "writing-plugins.md"
    module, test, _webhooks = blocks(page, "python")
    written: dict[str, Any] = {}
    exec(module, written)  # noqa: S102 - our own page
    own_test = test.replace("from syncline_abacus import CONTACTS\n", "")
    exec(own_test, written)  # noqa: S102 - our own page
    written["test_people_become_contacts"]()
    (plugin,) = (written["syncline_plugin"](),)
    assert [module.name for module in plugin.modules] == ["contacts"]


def test_the_webhooks_of_the_smallest_plugin_work(root: Path) -> None:
    """They keep what the kit asks of them, and tell records of ours from others."""
    written: dict[str, Any] = {}
    exec(blocks(root / "docs" / "writing-plugins.md", "python")[2], written)  # noqa: S102 - our own page
    event = {"books": "1", "type": "person", "id": "7", "at": "2026-10-01T12:00:00+00:00"}
    body = json.dumps([event, {**event, "type": "parcel"}]).encode()
    signed = base64.b64encode(hmac.digest(b"key", body, "sha256")).decode()

    check_webhooks(written["WEBHOOKS"], "key", {"abacus-signature": signed}, body)

    assert [each.kind for each in written["read"](body)] == [RecordKind.CONTACT, None]


def test_the_smallest_plugin_is_parked_by_a_closed_provider(root: Path) -> None:
    """The error it shows is one the server acts on."""
    written: dict[str, Any] = {}
    exec(blocks(root / "docs" / "writing-plugins.md", "python")[0], written)  # noqa: S102 - our own page
    ctx = FakeRunContext.of(written["CONTACTS"], Script(answer(503)))
    with pytest.raises(written["RetryLater"]):
        written["run"](ctx)


def test_the_smallest_plugin_has_the_entry_point(root: Path) -> None:
    """Its project file names the group the server looks in."""
    (text,) = blocks(root / "docs" / "writing-plugins.md", "toml")
    assert tomllib.loads(text)["project"]["entry-points"] == {
        "syncline": {"abacus": "syncline_abacus"}
    }


HEADINGS = ["Context", "Decision", "Status", "Consequences"]


def test_decisions_have_their_four_parts(root: Path) -> None:
    """Each record is numbered without a gap and has Nygard's headings."""
    records = sorted((root / "docs" / "decisions").glob("*.md"))
    numbers = [int(record.name[:4]) for record in records]
    assert numbers == list(range(1, len(records) + 1))
    for record in records:
        assert re.findall(r"^## (.+)$", record.read_text(), re.MULTILINE) == HEADINGS, record.name

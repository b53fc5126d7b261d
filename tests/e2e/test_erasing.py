"""All of a workspace handed out and erased by real processes, killed at bad moments."""

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from local_stack import PATIENCE, LocalStack, wait_until
from setting_up import confirmed_invoices, set_up_chain
from syncline.v1 import customer_pb2, workspace_pb2
from syncline.v1 import record_pb2 as pb
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow
MANY = 20_000
FEW = 1_000
BATCH = 450
CANARY = "canary-of-the-erased"


def fill(stack: LocalStack, workspace: str, count: int) -> None:
    """Import customers."""
    for begin in range(0, count, BATCH):
        people = [
            customer_pb2.Customer(external_id=f"x{number}", display_name=f"{CANARY} {number}")
            for number in range(begin, min(begin + BATCH, count))
        ]
        request = pb.ImportCustomersRequest(parent=f"workspaces/{workspace}", customers=people)
        stack.client.records.ImportCustomers(request)


def look(stack: LocalStack, erasure: workspace_pb2.Erasure) -> workspace_pb2.Erasure:
    """Return an erasure as it is now."""
    request = workspace_pb2.GetErasureRequest(name=erasure.name)
    return stack.client.workspaces.GetErasure(request).erasure


def command(stack: LocalStack, *arguments: str) -> tuple[int, str]:
    """Run an operator's command beside the server; return how it ended and what it printed."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "syncline_server", "workspaces", *arguments],
        env=dict(stack.environment_of("server")),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout


def on_disk(stack: LocalStack) -> bytes:
    """Return all bytes of the database's files."""
    folder = stack.settings.data_folder
    return b"".join(path.read_bytes() for path in sorted(folder.glob("syncline.db*")))


def test_a_killed_erasure_is_finished_by_the_next_start(stack: LocalStack) -> None:
    """After kill -9 in the middle nothing is left, all was counted, and others have theirs."""
    fill(stack, "doomed", MANY)
    fill(stack, "spared", FEW)
    request = workspace_pb2.EraseWorkspaceRequest(name="workspaces/doomed", confirm="doomed")
    begun = stack.client.workspaces.EraseWorkspace(request).erasure
    wait_until(lambda: look(stack, begun).row_counts["customers"] > 0, "the first rows are gone")
    stack.kill("server")
    stack.start("server")
    finished = workspace_pb2.Erasure.STATE_FINISHED
    wait_until(lambda: look(stack, begun).state == finished, "the erasure is finished")
    assert look(stack, begun).row_counts["customers"] == MANY
    left = stack.client.records.ListCustomers(pb.ListCustomersRequest(parent="workspaces/doomed"))
    assert not left.customers
    spared = pb.ListCustomersRequest(parent="workspaces/spared", page_size=10)
    assert len(stack.client.records.ListCustomers(spared).customers) == 10


def synced(stack: LocalStack, name: str) -> Workspace:
    """Return a workspace that has pulled and pushed."""
    workspace = stack.connected(name, contacts=20, items=5)
    set_up_chain(workspace)
    confirmed_invoices(workspace, 3)
    return workspace


def counted(target: Path) -> dict[str, int]:
    """Return how many lines each file of an archive has, after looking that all is whole."""
    with zipfile.ZipFile(target) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        for each in manifest["files"]:
            data = archive.read(each["path"])
            assert hashlib.sha256(data).hexdigest() == each["sha256"], each["path"]
    return {each["path"]: each["count"] for each in manifest["files"]}


def test_an_operator_exports_and_erases(
    start_stack: Callable[..., LocalStack], tmp_path: Path
) -> None:
    """Beside a serving server: a private archive that is whole, then nothing on the disk."""
    stack = start_stack()
    fill(stack, "leaving", FEW)
    workspace, target = synced(stack, "leaving"), tmp_path / "leaving.zip"

    assert command(stack, "export", "leaving", "--out", str(target))[0] == 0
    counts = counted(target)
    code, said = command(stack, "export", "leaving", "--out", str(target))
    assert (code, "nothing is overwritten" in said) == (2, True)
    assert target.stat().st_mode & 0o777 == 0o600
    assert counts["customers.jsonl"] > FEW
    assert counts["invoices.jsonl"] == 3
    assert sorted(tmp_path.glob("*.part")) == sorted(tmp_path.glob(".*.part")) == []

    refused = "disconnect workspaces/leaving/connections/xero first"
    assert is_said(refused, command(stack, "erase", "leaving", "--yes", "leaving")) == (2, True)
    workspace.disconnect()
    refused = "must repeat the workspace's id"
    assert is_said(refused, command(stack, "erase", "leaving", "--yes", "other")) == (2, True)
    assert CANARY.encode() in on_disk(stack)
    receipt = f"customers            {counts['customers.jsonl']}"
    assert is_said(receipt, command(stack, "erase", "leaving", "--yes", "leaving")) == (0, True)
    # Where somebody reads at this moment, the server repeats the last step.
    wait_until(lambda: CANARY.encode() not in on_disk(stack), "nothing is left on the disk")


def is_said(text: str, ended: tuple[int, str]) -> tuple[int, bool]:
    """Return how a command ended, and whether it said this."""
    code, said = ended
    return code, text in said

"""The benchmarks work; what they measure at this size says nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SECONDS = 600.0
FIGURES = {
    "pull": ("CPU ÷ good pipeline", "second pass", "calls to Xero to pull"),
    "memory": ("peak memory",),
    "postgresql": ("COPY pipeline",),
    "sdk": ("Xero's SDK",),
    "push": ("calls to Xero to push 60 invoices",),
    "rpc": ("GetConnection ÷ bare Python echo",),
    "lists": ("last page of customers", "contact mappings by state", "preflight of 20 invoices"),
    "trigger": ("TriggerSync accepted, p50", "TriggerSync accepted, p99"),
    "start": ("server ready",),
    "watch": ("memory of each", "share of a core"),
    "console": ("to the page, p99", "share of a core, idle", "console for each page"),
    "feed": ("changes read with what changed", "to the follower, p99"),
    "budget": ("calls in a minute of Xero's, the most", "share of the limit that is used"),
    "loading": ("new customers", "customers as they were", "new products", "new invoices"),
    "moving": ("import the same again", "sync again with another phone"),
    "audit": ("CreateCustomer with its audit entry", "entries verified, PostgreSQL"),
    "fuzz": ("sqlite: calls", "postgresql: crashes in the logs", "HTTP requests to the console"),
    "kills": ("servers killed", "in Xero twice", "that are lost", "say otherwise than Xero"),
}
"""What each measurement prints among other things."""


def bench(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program and return how it ended."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "tests/benchmarks", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": "tests/fakes"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize("name", FIGURES)
def test_a_measurement_prints_its_figures(pytestconfig: pytest.Config, name: str) -> None:
    """It ends well and shows every figure it is there for."""
    ended = bench(pytestconfig.rootpath, "--tiny", name)
    assert ended.returncode == 0, ended.stderr
    assert all(figure in ended.stdout for figure in FIGURES[name]), ended.stdout


def test_an_unknown_name_is_refused_with_those_there_are(pytestconfig: pytest.Config) -> None:
    """Whoever mistypes reads every name; nothing is measured."""
    ended = bench(pytestconfig.rootpath, "pul")
    assert ended.returncode == 2
    assert "no such measurement: pul" in ended.stderr
    assert f"there are: {', '.join(FIGURES)}" in " ".join(ended.stderr.split())

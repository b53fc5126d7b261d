from pathlib import Path

import pytest

from measuring import Length, file_lengths, function_lengths, percentile

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
MEDIAN_FUNCTION = 8
NINE_IN_TEN_FUNCTIONS = 25
PACKAGES = sorted(
    file.parent
    for folder in ("clients", "plugins", "server")
    for file in (ROOT / folder).glob("**/syncline_*/__init__.py")
    if (file.parents[1] / "pyproject.toml").exists()
)


@pytest.fixture(scope="module")
def functions() -> list[Length]:
    """Every function of every package that is shipped."""
    return [length for package in PACKAGES for length in function_lengths(package)]


def told(lengths: list[Length]) -> str:
    """Return the longest, one a line."""
    longest = sorted(lengths, reverse=True)[:10]
    return "\n".join(f"{each.lines:5} lines: {each.place}" for each in longest)


@pytest.mark.parametrize("folder", [*PACKAGES, ROOT / "tests"], ids=lambda folder: folder.name)
def test_no_file_is_too_long(folder: Path) -> None:
    """A file is about one noun and fits into a head."""
    long = [each for each in file_lengths(folder) if each.lines > LONGEST_FILE]

    assert not long, f"files over {LONGEST_FILE} lines:\n{told(long)}"


def test_no_function_is_too_long(functions: list[Length]) -> None:
    """No function is longer than a screen."""
    long = [each for each in functions if each.lines > LONGEST_FUNCTION]

    assert not long, f"functions over {LONGEST_FUNCTION} lines:\n{told(long)}"


@pytest.mark.parametrize(("share", "limit"), [(0.5, MEDIAN_FUNCTION), (0.9, NINE_IN_TEN_FUNCTIONS)])
def test_most_functions_are_short(functions: list[Length], share: float, limit: int) -> None:
    """Half of all functions have eight lines or fewer, nine in ten at most twenty-five."""
    found = percentile(functions, share)

    assert found <= limit, f"{share:.0%} of functions: {found} lines, not {limit}:\n" + told(
        [each for each in functions if each.lines > limit]
    )

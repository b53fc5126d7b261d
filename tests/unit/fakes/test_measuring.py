from pathlib import Path

from measuring import Length, file_lengths, function_lengths, percentile

CODE = '''
def plain(x):
    """Say.

    More.
    """
    return x


class Some:
    @property
    async def method(self):
        def inner():
            return 1
        return inner
'''


def test_functions_are_measured_without_docstrings(tmp_path: Path) -> None:
    """Decorators and inner functions count, docstrings do not; methods are functions."""
    (tmp_path / "a.py").write_text(CODE)

    found = {each.place.split()[-1]: each.lines for each in function_lengths(tmp_path)}

    assert found == {"plain": 2, "method": 5, "inner": 2}


def test_files_are_measured_as_they_are(tmp_path: Path) -> None:
    """A file has all its lines; what others wrote, or nobody writes by hand, does not count."""
    (tmp_path / "vendor").mkdir()
    for name in ("a.py", "b.css", "vendor/c.js", "d.svg"):
        (tmp_path / name).write_text(CODE)

    assert [each.lines for each in file_lengths(tmp_path)] == [15, 15]


def test_percentile_is_not_exceeded_by_its_share() -> None:
    """Nine in ten are at most as long as the ninth tenth says."""
    lengths = [Length(number, "") for number in range(1, 11)]

    assert (percentile(lengths, 0.5), percentile(lengths, 0.9)) == (6, 10)
    assert percentile(lengths[:1], 0.9) == 1

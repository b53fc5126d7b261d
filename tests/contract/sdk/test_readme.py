import re
from pathlib import Path
from types import FunctionType

import syncline_sdk

README = Path(syncline_sdk.__file__).parents[1] / "README.md"


def test_the_readmes_example_runs_and_passes_its_own_test() -> None:
    """Its Python blocks, taken together, are a plugin whose test holds."""
    code = "\n".join(re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL))
    names: dict[str, object] = {}

    exec(compile(code, str(README), "exec"), names)  # noqa: S102 - the project's own text

    tests = [name for name in names if name.startswith("test_")]
    assert tests == ["test_products_become_items"]
    for name in tests:
        test = names[name]
        assert isinstance(test, FunctionType)
        test()

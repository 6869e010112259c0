"""The page for auditors speaks of the tests that there are."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "conformance.md"
NO_MODULES = {"test_oidcc_server_behind_tls", "test_oidcc_server_private_key_jwt"}
MODULE = re.compile(r"^\| `(oidcc-[a-z0-9-]+)` \|", re.MULTILINE)


def test_every_module_that_the_page_lists_is_a_test_and_every_test_is_listed() -> None:
    listed = MODULE.findall(PAGE.read_text("utf-8"))
    assert len(listed) == len(set(listed)) == 54, "each of the plans' modules is listed once"
    names = {f"test_{module.replace('-', '_')}" for module in listed}
    assert names == _tests() - NO_MODULES


def _tests() -> set[str]:
    trees = (ast.parse(file.read_text("utf-8")) for file in HERE.rglob("test_*.py"))
    found = (node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef))
    return {name for name in found if name.startswith("test_oidcc_")}

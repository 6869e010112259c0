"""Migrations are expand, then contract: the program before must live with the schema of the next (docs/operate.md).

What takes something away, or asks more of what is written, stands in its file's `CONTRACTS`: its name, and why the
program of the revision before lives with it. The first ten landed before there was anybody to upgrade.
"""

import ast
import re
from pathlib import Path

import pytest

from tests.deployment.files import ROOT

FIRST = "0011"
FILES = sorted(file for file in (ROOT / "config/migrations/versions").glob("0*.py") if file.name >= FIRST)
TAKES_AWAY = {"drop_column", "drop_table", "drop_constraint", "rename_table", "drop_table_comment"}
ASKS_MORE = {"create_check_constraint", "create_unique_constraint", "create_foreign_key", "create_exclude_constraint"}
STATEMENTS = re.compile(
    r"\b(DROP\s+(?!INDEX)|RENAME|TRUNCATE|DELETE|SET\s+NOT\s+NULL|ALTER\s+COLUMN|ADD\s+CONSTRAINT)\b", re.IGNORECASE
)
Change = tuple[str, str]


def contracting(source: str) -> list[Change]:
    """(operation, its object) of each step of the upgrade that an older program might not live with."""
    tree = ast.parse(source)
    made = {_text(call.args[0]) for call in _calls(tree) if _called(call) in ("create_table", "_create")}
    return [(_called(call), _name(call)) for call in _calls(tree) if _contracts(call, made)]


def _contracts(call: ast.Call, made: set[str]) -> bool:
    name, keywords = _called(call), {each.arg: each.value for each in call.keywords}
    if name in TAKES_AWAY:
        return True
    if name in ASKS_MORE:
        return _text(call.args[1]) not in made
    if name == "alter_column":
        return bool({"new_column_name", "type_"} & keywords.keys()) or _is(keywords.get("nullable"), value=False)
    if name == "add_column":
        column = next(each for each in call.args if isinstance(each, ast.Call))
        own = {each.arg: each.value for each in column.keywords}
        return _text(call.args[0]) not in made and _is(own.get("nullable"), value=False) and "server_default" not in own
    if name == "create_index":
        return _is(keywords.get("unique"), value=True) and _text(call.args[1]) not in made
    return name == "execute" and bool(STATEMENTS.search(ast.unparse(call)))


def _calls(tree: ast.Module) -> list[ast.Call]:
    """The calls of `op`, and of what stands for them, but for the way back."""
    ways = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name != "downgrade"]
    return [node for way in ways for node in ast.walk(way) if isinstance(node, ast.Call) and _called(node)]


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "op" and call.func.attr != "f":
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) and call.func.id == "_create" else ""


def _name(call: ast.Call) -> str:
    """Of what is changed; SQL of one's own has none but `execute`."""
    if _called(call) == "execute":
        return "execute"
    first = call.args[0]
    inner = first.args[0] if isinstance(first, ast.Call) and first.args else first
    return _text(call.args[1]) if _called(call) == "drop_column" else _text(inner)


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)


def _is(node: ast.expr | None, *, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _declared(source: str) -> dict[str, str]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CONTRACTS":
            found: dict[str, str] = ast.literal_eval(node.value)
            return found
    return {}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_migration_only_adds_or_says_why_the_program_before_lives_with_what_it_takes(file: Path) -> None:
    source = file.read_text("utf-8")
    found, declared = {name for _, name in contracting(source)}, _declared(source)
    assert not found - declared.keys(), f"{file.name}: contracts {found - declared.keys()}, and does not say why it may"
    assert not declared.keys() - found, f"{file.name}: declares what it does not do"
    assert all(len(why.split()) > 4 for why in declared.values()), "a reason is a sentence"


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ('op.drop_column("mails", "reply")', "reply"),
        ('op.drop_table("mails")', "mails"),
        ('op.rename_table("mails", "letters")', "mails"),
        ('op.alter_column("mails", "reply", nullable=False)', "mails"),
        ('op.alter_column("mails", "reply", type_=sa.Integer())', "mails"),
        ('op.alter_column("mails", "reply", new_column_name="answer")', "mails"),
        ('op.add_column("mails", sa.Column("size", sa.Integer(), nullable=False))', "mails"),
        ('op.create_unique_constraint(op.f("uq_mails_kind"), "mails", ["kind"])', "uq_mails_kind"),
        ('op.create_index("uq_mails_kind", "mails", ["kind"], unique=True)', "uq_mails_kind"),
        ('op.execute("ALTER TABLE mails ALTER COLUMN reply SET NOT NULL")', "execute"),
    ],
)
def test_a_step_that_an_older_program_might_not_survive_is_known_as_one(step: str, name: str) -> None:
    assert contracting(f"def upgrade():\n    {step}\n") == [(step[3:].partition("(")[0], name)]


def test_a_step_that_only_adds_is_none() -> None:
    steps = (
        'op.add_column("mails", sa.Column("size", sa.Integer(), nullable=True))',
        'op.add_column("mails", sa.Column("size", sa.Integer(), server_default="0", nullable=False))',
        'op.create_index("ix_mails_kind", "mails", ["kind"])',
        'op.create_table("letters", sa.Column("id", sa.Uuid(), nullable=False))',
        'op.create_index("uq_letters_id", "letters", ["id"], unique=True)',
    )
    assert contracting("def upgrade():\n" + "".join(f"    {step}\n" for step in steps)) == []

"""Every sentence that a page may show: what Python hands to gettext, refusals' public texts, and the templates."""

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[2]
STOREYS = ("broker", "config", "tenants", "workers")
TEMPLATES = ROOT / "broker" / "templates"
SINGLE, PLURAL = ("gettext", "lazy_gettext", "Weakness"), ("ngettext",)
"""What is called with the sentence itself, or with its singular and its plural."""
Message = str | tuple[str, ...]


def extracted() -> Catalog:
    """All messages, each with the files that hold it, in a fixed order.

    Raises:
        ValueError: a sentence is not written out where it is handed over: nobody could translate it.
    """
    catalog = Catalog(project="Trousseau", charset="utf-8", fuzzy=False)
    for path, message in sorted(_all(), key=lambda found: (found[0], str(found[1]))):
        catalog.add(message, locations=[(path, 0)])
    return catalog


def sentences(source: str, name: str) -> Iterator[Message]:
    """The messages of a Python source; `name` is for the error's text.

    Raises:
        ValueError: as above.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield from _called(node, name)
        elif isinstance(node, ast.ClassDef):
            values = [each.value for each in node.body if isinstance(each, ast.Assign) and _is_public(each)]
            yield from (_text(value, name) for value in values)


def _all() -> Iterator[tuple[str, Message]]:
    for storey in STOREYS:
        for path in (ROOT / storey).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            yield from ((name, message) for message in sentences(path.read_text(encoding="utf-8"), name))
    for path in TEMPLATES.rglob("*.html"):
        with path.open("rb") as file:
            found = babel_extract(file, ("_", "gettext", "ngettext"), (), {"silent": "false", "encoding": "utf-8"})
            for _line, _function, texts, _comments in found:
                yield path.relative_to(ROOT).as_posix(), _message(texts)


def _message(texts: str | tuple[str | None, ...] | None) -> Message:
    """A template's message: Babel gives its sentences together with its other arguments, which are None."""
    if isinstance(texts, str):
        return texts
    written = tuple(text for text in texts or () if text is not None)
    return written[0] if len(written) == 1 else written


def _called(node: ast.Call, name: str) -> Iterator[Message]:
    function = node.func.id if isinstance(node.func, ast.Name) else ""
    if function in PLURAL:
        yield tuple(_text(argument, name) for argument in node.args[:2])
    elif function in SINGLE and not isinstance(node.args[0], ast.Attribute):  # an attribute is a public text
        yield _text(node.args[0], name)
    yield from (_text(each.value, name) for each in node.keywords if each.arg == "public" and _is_written(each.value))


def _is_public(assigned: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "public" for target in assigned.targets)


def _is_written(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant | ast.JoinedStr) and not (
        isinstance(value, ast.Constant) and value.value is None
    )


def _text(value: ast.expr, name: str) -> str:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    raise ValueError(f"{name}:{value.lineno}: this sentence is not written out, so nobody could translate it")

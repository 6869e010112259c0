"""No page escapes: whatever template is shown to a person stands in the gallery, and so under all that is promised."""

from pathlib import Path

from jinja2 import Environment, nodes

from broker import app
from tests.broker.pages.gallery.every import LEAVING, STATES

TEMPLATES = Path(app.__file__).parent / "templates"


def _extended(file: Path) -> str | None:
    """The template that this one extends; None for a part, or the page that all others extend."""
    tree = Environment(autoescape=True).parse(file.read_text(encoding="utf-8"))
    found = next(tree.find_all(nodes.Extends), None)
    return str(found.template.value) if found and isinstance(found.template, nodes.Const) else None


def test_every_template_has_a_state_in_the_gallery() -> None:
    extended = {file.relative_to(TEMPLATES).as_posix(): _extended(file) for file in TEMPLATES.rglob("*.html")}
    pages = {name for name, base in extended.items() if base and name not in extended.values()}
    assert pages, "the templates were not found"
    shown = {state.template for state in (*STATES.values(), *LEAVING.values())}
    missing = sorted(pages - shown)
    assert not missing, f"add a state of each to tests/broker/pages/gallery: {', '.join(missing)}"
    assert not shown - pages, f"the gallery shows what is no page: {sorted(shown - pages)}"

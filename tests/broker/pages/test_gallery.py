"""No page escapes: whatever template is shown to a person stands in the gallery, and so under all that is promised."""

from pathlib import Path

from jinja2 import Environment, nodes

from broker import app
from tests.broker.pages.gallery import LEAVING, STATES

TEMPLATES = Path(app.__file__).parent / "templates"


def _is_a_page(file: Path) -> bool:
    """Whether it is shown whole: it extends another; what is only extended, included or imported is a part."""
    return (
        next(Environment(autoescape=True).parse(file.read_text(encoding="utf-8")).find_all(nodes.Extends), None)
        is not None
    )


def test_every_template_has_a_state_in_the_gallery() -> None:
    pages = {file.relative_to(TEMPLATES).as_posix() for file in TEMPLATES.rglob("*.html") if _is_a_page(file)}
    assert pages, "the templates were not found"
    shown = {state.template for state in (*STATES.values(), *LEAVING.values())}
    missing = sorted(pages - shown)
    assert not missing, f"add a state of each to tests/broker/pages/gallery.py: {', '.join(missing)}"
    assert not shown - pages, f"the gallery shows what is no page: {sorted(shown - pages)}"

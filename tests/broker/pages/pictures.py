"""The pictures of docs/pages: one of each state that a person meets, and what tells whether they are current.

A picture's pixels depend on the machine's fonts, so they are never compared: `index.json` keeps a digest of what each
was drawn from: the page's HTML, in which the addresses of the style sheets carry digests of their own.
"""

import hashlib
import html
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx2
from bs4 import BeautifulSoup
from jinja2 import Environment
from PIL import Image
from playwright.sync_api import Browser

from broker import app
from tests.broker.pages.conftest import Gallery
from tests.broker.pages.gallery.every import STATES

HOUSE = Path(app.__file__).parent
FOLDER = HOUSE.parent / "docs" / "pages"
INDEX, PAGE = FOLDER / "index.json", FOLDER / "README.md"
WIDE = ("login", "accounts")
"""Shown as a desktop shows them; all others as a phone does."""
DESKTOP, PHONE = 900, 420
FINE, PLAIN = 96, 24
"""Colours of the pictures: the README shows the first, the list the others, small."""
SHOWN_PX = 260
CHANGES = re.compile(r'nonce="[^"]*"|name="csrf_token" value="[^"]*"')
"""What is another each time a page is rendered."""
JOURNEYS = {
    "login": "Signing in",
    "association": "Associating a first or another account",
    "account": "« Mon compte »",
    "oidc": "Between an extranet and its owner",
}
"""The folders of the templates, in the order of a person's way; others follow under their own names."""
INTRODUCTION = """# The pages

Every page in every state that a person meets, in French, light. Each is in English and dark too.
`make pictures` draws them and this list from the states in `tests/broker/pages/gallery`; `make test` says which of
them are older than their page.
"""


@dataclass(frozen=True)
class Shown:
    """A state as its page says it."""

    name: str
    template: str
    digest: str
    heading: str
    said: str

    @property
    def file(self) -> Path:
        """Its picture."""
        return FOLDER / f"{self.name}.png"


def shown(gallery: Gallery) -> list[Shown]:
    """All states, as the gallery shows them now."""
    with httpx2.Client() as client:
        return [_shown(name, client.get(gallery.of(name)).text) for name in STATES]


def _shown(name: str, text: str) -> Shown:
    digest = hashlib.sha256(CHANGES.sub("", text).encode()).hexdigest()[:16]
    soup = BeautifulSoup(text, "html.parser")
    alert = soup.find(role="alert")
    said = " ".join(alert.get_text(" ").split()) if alert else ""
    heading = " ".join(soup.h1.get_text(" ").split()) if soup.h1 else ""
    return Shown(name, STATES[name].template, digest, heading, said)


def recorded() -> dict[str, str]:
    """What each kept picture was drawn from: a digest by name."""
    return dict(json.loads(INDEX.read_text(encoding="utf-8"))) if INDEX.exists() else {}


def stale(states: Iterable[Shown]) -> list[str]:
    """The states whose picture is missing or was drawn from something else."""
    known = recorded()
    return [state.name for state in states if known.get(state.name) != state.digest or not state.file.exists()]


def gone(states: Iterable[Shown]) -> list[str]:
    """The pictures whose state is no more."""
    living = {state.name for state in states}
    return sorted(({file.stem for file in FOLDER.glob("*.png")} | recorded().keys()) - living)


def draw(gallery: Gallery, browser: Browser, states: list[Shown]) -> None:
    """Draw what is stale, remove what is gone, and write the list."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale(states):
        (FOLDER / f"{name}.png").write_bytes(
            _small(_photograph(gallery, browser, name), FINE if name in WIDE else PLAIN)
        )
    for name in gone(states):
        (FOLDER / f"{name}.png").unlink(missing_ok=True)
    INDEX.write_text(json.dumps({state.name: state.digest for state in states}, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(written(states), encoding="utf-8")


def _photograph(gallery: Gallery, browser: Browser, name: str) -> bytes:
    width = DESKTOP if name in WIDE else PHONE
    context = browser.new_context(viewport={"width": width, "height": 640}, color_scheme="light")
    page = context.new_page()
    page.goto(gallery.of(name))
    taken = page.screenshot(full_page=True, animations="disabled")
    context.close()
    return taken


def _small(picture: bytes, colours: int) -> bytes:
    out = io.BytesIO()
    flat = Image.open(io.BytesIO(picture)).convert("RGB")
    flat.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def written(states: list[Shown]) -> str:
    """The list: by journey, each page with the sentence that its template says of itself, and its pictures."""
    folders = {_folder(state) for state in states}
    ordered = sorted(folders, key=lambda folder: (folder == "", _rank(folder), folder))
    return INTRODUCTION + "".join(_journey(folder, states) for folder in ordered)


def _folder(state: Shown) -> str:
    return state.template.split("/")[0] if "/" in state.template else ""


def _rank(folder: str) -> int:
    return list(JOURNEYS).index(folder) if folder in JOURNEYS else len(JOURNEYS)


def _journey(folder: str, states: list[Shown]) -> str:
    inside = [state for state in states if _folder(state) == folder]
    pages = dict.fromkeys(state.template for state in inside)
    title = JOURNEYS.get(folder, folder.capitalize()) if folder else "When something is in the way"
    return f"\n## {title}\n" + "".join(_page([s for s in inside if s.template == page]) for page in pages)


def _page(states: list[Shown]) -> str:
    sentence = purpose(states[0].template)
    pictures = "\n".join(
        f'<img src="{state.name}.png" width="{SHOWN_PX}" alt="{html.escape(_alternative(state))}">' for state in states
    )
    return f"\n### {states[0].heading}\n\n" + (f"{sentence}\n\n" if sentence else "") + pictures + "\n"


def _alternative(state: Shown) -> str:
    return f"{state.name}: {state.said or state.heading}"


def purpose(template: str) -> str:
    """What a template says of itself in the comment on its first line; empty where it says nothing."""
    text = (HOUSE / "templates" / template).read_text(encoding="utf-8")
    first = next(Environment(autoescape=True).lex(text), (0, "", ""))
    found = re.match(r"\{#\s*(.+?)\s*#\}", text, re.DOTALL) if first[1] == "comment_begin" else None
    return found[1] if found else ""

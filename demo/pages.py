"""What a person finds on a web page: forms, and what has a name."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

SPOKEN = {"a", "button", "label", "h1"}
"""Elements whose text is a name."""


@dataclass
class Form:
    """A form: where it goes, and what it sends when nothing is changed."""

    action: str | None
    method: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class Spoken:
    """An element with a name; `within` is the form around it."""

    tag: str
    attributes: dict[str, str | None]
    within: Form | None
    text: str = ""


class Reader(HTMLParser):
    """Collects the forms and the named elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken: list[Spoken] = []
        self.names_by_id: dict[str, str] = {}
        self.inside_label: dict[int, str] = {}
        self._form: Form | None = None
        self._select: str | None = None
        self._open: list[Spoken] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self._form = Form(attributes.get("action"), (attributes.get("method") or "get").lower())
        elif tag in SPOKEN:
            self._open.append(Spoken(tag, attributes, self._form))
            self.spoken.append(self._open[-1])
        elif tag in {"input", "select", "option", "textarea"}:
            self._control(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        self._open = [element for element in self._open if element.tag != tag]

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def _control(self, tag: str, attributes: dict[str, str | None]) -> None:
        name, kind = attributes.get("name") or "", attributes.get("type") or "text"
        if tag == "select":
            self._select = name
        for label in self._open:
            if label.tag == "label":
                self.inside_label[id(label)] = name
        if attributes.get("id"):
            self.names_by_id[attributes["id"] or ""] = name
        self._take_value(tag, name, kind, attributes)

    def _take_value(self, tag: str, name: str, kind: str, attributes: dict[str, str | None]) -> None:
        if self._form is None or kind in {"submit", "button"}:
            return
        value = attributes.get("value") or ""
        if tag == "option" and self._select:
            if self._select not in self._form.values or "selected" in attributes:
                self._form.values[self._select] = value
        elif name and tag != "select" and (kind not in {"checkbox", "radio"} or "checked" in attributes):
            self._form.values[name] = value


def folded(text: str) -> str:
    """Text as it is read: without line breaks and double spaces."""
    return " ".join(text.split())

"""The catalogs on disk: read, brought up to date, and compiled."""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

LANGUAGES = ("en",)
FOLDER = Path(__file__).parent


def source(language: str, folder: Path = FOLDER) -> Path:
    """The file that a translator edits."""
    return folder / language / "LC_MESSAGES" / "messages.po"


def compiled(language: str, folder: Path = FOLDER) -> Path:
    """The file that the pages read."""
    return source(language, folder).with_suffix(".mo")


def read(language: str, folder: Path = FOLDER) -> Catalog:
    """What the translators wrote."""
    with source(language, folder).open("rb") as file:
        return read_po(file, locale=language)


def write(catalog: Catalog, language: str, folder: Path = FOLDER) -> None:
    """Write the translators' file in a form that changes only where its messages do, and compile it."""
    catalog.project, catalog.version = "Trousseau", "1"
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
    with source(language, folder).open("wb") as file:
        write_po(file, catalog, width=120, ignore_obsolete=True, include_lineno=False)
    compiled(language, folder).write_bytes(in_memory(catalog))


def in_memory(catalog: Catalog) -> bytes:
    """The catalog, compiled."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def texts(content: bytes) -> dict[str, str]:
    """The translations of a compiled catalog, without its header, which names the compiler's version."""
    return {str(message.id): str(message.string) for message in read_mo(io.BytesIO(content)) if message.id}

"""`python -m broker.translations.check`: fails, naming each message that some language does not say."""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from broker.translations import catalogs
from broker.translations.extract import extracted

REMEDY = "Run `python -m broker.translations.update`, then translate what is empty and run it again."


def main() -> int:
    """Print what is wrong. Returns the exit status."""
    wrong = [line for language in catalogs.LANGUAGES for line in faults(extracted(), language)]
    if wrong:
        sys.stderr.write("\n".join([*wrong, REMEDY, ""]))
    return 1 if wrong else 0


def faults(template: Catalog, language: str, folder: Path = catalogs.FOLDER) -> Iterator[str]:
    """What is wrong with one language's catalog, a line each: nothing where it says all that the template asks."""
    catalog = catalogs.read(language, folder)
    for wanted in template:
        if wanted.id:
            yield from (f"{language}: {fault}: {_shown(wanted)}" for fault in _message_faults(catalog, wanted))
    for kept in catalog:
        if kept.id and template.get(kept.id) is None:
            yield f"{language}: nothing says this any more: {_shown(kept)}"
    if not _is_current(catalog, catalogs.compiled(language, folder)):
        yield f"{language}: messages.mo does not say what messages.po says"


def _message_faults(catalog: Catalog, wanted: Message) -> Iterator[str]:
    found = catalog.get(wanted.id)
    if found is None:
        yield "missing"
        return
    if found.fuzzy:
        yield "fuzzy"
    strings = found.string if isinstance(found.string, list | tuple) else (found.string,)
    if not strings or not all(strings):
        yield "untranslated"
        return
    yield from (f"wrong placeholders ({error})" for error in found.check(catalog))


def _is_current(catalog: Catalog, path: Path) -> bool:
    fresh = catalogs.texts(catalogs.in_memory(catalog))
    return path.exists() and catalogs.texts(path.read_bytes()) == fresh


def _shown(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


if __name__ == "__main__":
    raise SystemExit(main())

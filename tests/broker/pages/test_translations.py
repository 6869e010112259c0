"""Every sentence has its English, and whoever forgets one is told which."""

import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from broker.translations import catalogs, check
from broker.translations.extract import extracted, sentences


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalogs, to be spoilt."""
    shutil.copytree(catalogs.FOLDER / "en", tmp_path / "en")
    return tmp_path


def _faults(folder: Path, template: Catalog | None = None) -> str:
    return "\n".join(check.faults(template or extracted(), "en", folder))


def test_the_english_is_whole_and_compiled(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main() == 0, f"English is not whole:\n{capsys.readouterr().err}"


@pytest.mark.parametrize(
    "sentence",
    [
        "Ce lien a expiré.",  # a refusal's public text
        "Choisissez un mot de passe d'au moins 12 caractères.",  # a weakness of a password
        "Mot de passe invalide",  # handed to gettext
        "Mon compte immobilier",  # in a template
        "Afficher le mot de passe",  # in a macro
    ],
)
def test_sentences_are_found_wherever_they_are_written(sentence: str) -> None:
    assert extracted().get(sentence) is not None, f"nobody would be asked to translate « {sentence} »"


def test_a_new_sentence_is_named_as_missing(folder: Path) -> None:
    template = extracted()
    template.add("Une phrase toute neuve.")
    assert "missing: Une phrase toute neuve." in _faults(folder, template), "a new sentence went unnoticed"


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (('msgstr "Continue"', 'msgstr ""'), "untranslated: Continuer"),
        (('msgid "Continuer"', '#, fuzzy\nmsgid "Continuer"'), "fuzzy: Continuer"),
        (("Step %(step)d of 4", "Step %(stop)d of 3"), "wrong placeholders"),
        (('msgid "Continuer"', 'msgid "Continuez"'), "nothing says this any more: Continuez"),
        (('msgstr "Continue"', 'msgstr "Go on"'), "messages.mo does not say what messages.po says"),
    ],
)
def test_a_spoilt_catalog_is_named_with_its_message(folder: Path, spoil: tuple[str, str], expected: str) -> None:
    path = catalogs.source("en", folder)
    before = path.read_text(encoding="utf-8")
    assert spoil[0] in before, "the example is not in the catalog any more: choose another"
    path.write_text(before.replace(*spoil), encoding="utf-8")
    assert expected in _faults(folder), f"the check did not say « {expected} »"


def test_a_catalog_that_was_never_compiled_is_named(folder: Path) -> None:
    catalogs.compiled("en", folder).unlink()
    assert "messages.mo" in _faults(folder), "a missing messages.mo went unnoticed"


def test_writing_a_catalog_again_changes_nothing(folder: Path) -> None:
    path = catalogs.source("en", folder)
    before = path.read_bytes()
    catalogs.write(catalogs.read("en", folder), "en", folder)
    assert path.read_bytes() == before, "an update without news must leave the file alone"


def test_a_sentence_that_is_put_together_at_run_time_is_refused() -> None:
    with pytest.raises(ValueError, match=r"views\.py:1"):
        list(sentences('gettext("Bonjour " + name)', "views.py"))

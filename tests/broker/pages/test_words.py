"""The words of « Proposer un mot de passe »: enough of them, and each can be written down and typed again."""

import re
from collections import Counter
from pathlib import Path

from broker.identities import passphrases
from broker.identities.passwords import weakness

WORDS = (Path(passphrases.__file__).parent / "words.fr.txt").read_text(encoding="utf-8").splitlines()


def test_four_words_are_drawn_among_enough_for_forty_bits() -> None:
    assert len(WORDS) >= 1024, f"four words must be worth 40 bits: only {len(WORDS)} words"


def test_every_word_is_short_and_typed_without_accents_or_capitals() -> None:
    wrong = [word for word in WORDS if not re.fullmatch("[a-z]{4,9}", word)]
    assert not wrong, f"words must be 4 to 9 plain lower-case letters: {wrong}"


def test_no_word_is_there_twice() -> None:
    twice = [word for word, count in Counter(WORDS).items() if count > 1]
    assert not twice, f"these words are listed more than once: {twice}"


def test_no_word_is_the_plural_of_another_so_that_nobody_wonders_about_an_s() -> None:
    plurals = {word + ending for word in WORDS for ending in ("s", "x")}
    plurals |= {word[:-2] + "aux" for word in WORDS if word.endswith("al")}
    assert not plurals & set(WORDS), f"these are plurals of other words: {sorted(plurals & set(WORDS))}"


def test_a_proposed_password_is_four_of_them_and_is_always_taken() -> None:
    for _ in range(50):
        proposed = passphrases.proposed()
        assert set(proposed.split("-")) <= set(WORDS), f"a proposal is made of the list's words: {proposed}"
        assert proposed.count("-") == 3, f"a proposal has four words: {proposed}"
        assert weakness(proposed, "jeanne@orange.fr") is None, f"our own proposal is refused: {proposed}"

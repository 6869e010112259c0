"""`python -m broker.translations.update`: extract the messages, bring each catalog up to date, compile it."""

from broker.translations import catalogs
from broker.translations.extract import extracted


def main() -> None:
    """Leave new messages empty for their translator, and drop those that nothing says any more."""
    template = extracted()
    for language in catalogs.LANGUAGES:
        catalog = catalogs.read(language)
        template.creation_date = catalog.creation_date  # otherwise every run would change the file
        catalog.update(template, no_fuzzy_matching=True)
        catalogs.write(catalog, language)


if __name__ == "__main__":
    main()

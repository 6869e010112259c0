"""« Mon compte », through HTTP as a person uses it."""

"""The pages, in a real browser: every state of each, in both languages, light and dark."""

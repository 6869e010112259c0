"""Beside the house: a demonstration that uses it through HTTP, SMTP and the command line only."""

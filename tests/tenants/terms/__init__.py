"""Promises of the terms."""

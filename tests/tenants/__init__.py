"""Promises of storey 1."""

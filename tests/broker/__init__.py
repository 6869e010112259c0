"""Promises of storey 2."""

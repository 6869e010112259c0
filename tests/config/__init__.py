"""Promises of the lowest storey."""

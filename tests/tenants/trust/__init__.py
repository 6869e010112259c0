"""Promises of the trust registry."""

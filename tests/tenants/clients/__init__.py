"""Promises of clients and signing keys."""

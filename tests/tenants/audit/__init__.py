"""Promises of the evidence ledger."""

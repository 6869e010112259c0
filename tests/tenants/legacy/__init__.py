"""Promises of legacy accounts: who is let in, what is told, and how their secrets end."""

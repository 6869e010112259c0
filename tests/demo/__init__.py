"""Promises of the demonstration: its sample data, its inbox, its extranets."""

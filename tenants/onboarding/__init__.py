"""Bringing a syndic in: its registration, its export of accounts, its partners. What operators' commands call."""

"""Promises of bringing a syndic in: nothing of its export is lost silently."""

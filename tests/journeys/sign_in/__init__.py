"""Signing in: failures, known browsers, kept sessions, the portal."""

"""Mails as they are promised."""

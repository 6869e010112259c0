"""Mails that came back: notices of delivery and complaints, read and counted. How they reach us: a command, a hook."""

"""Notices about mails: what counts, what does not, and by which ways they come."""

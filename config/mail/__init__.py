"""Mails: promised here, and the record of what became of each. Rendering and sending are `workers.mail`'s."""

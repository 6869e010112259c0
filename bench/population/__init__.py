"""Fills a migrated database by COPY with rows as the models want them, at any size.

Left out: what the sign-in path never reads (attempts, mails, promises, evidence).
"""

"""Alembic's revisions, in one line. They import nothing of ours: the metadata is handed in by the command line."""

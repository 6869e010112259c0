"""Run by Alembic, on the connection and metadata that `config.schema` hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    compare_type=True,
    compare_server_default=True,
    transaction_per_migration=True,  # some build their indexes outside of one, so that nobody waits
)
with context.begin_transaction():
    context.run_migrations()

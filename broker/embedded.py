"""Where the servers are: given by address, or our own embedded ones, attached to or started for this folder."""

from dataclasses import dataclass

from config.settings import Settings


@dataclass(frozen=True)
class Addresses:
    """The addresses of PostgreSQL (for the application and for the schema's owner) and of the queue."""

    application: str
    owner: str | None
    queue: str


def addresses(settings: Settings) -> Addresses:
    """The given addresses, or those of the embedded servers of `TROUSSEAU_HOME`, started where they do not run."""
    if settings.database_url and settings.redis_url:
        return Addresses(settings.database_url, settings.migration_url, settings.redis_url)
    from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres
    from config.embedded.valkey import EmbeddedValkey

    application, owner, queue = settings.database_url, settings.migration_url, settings.redis_url
    if application is None:
        postgres = EmbeddedPostgres(settings.home)
        postgres.ensure()
        application, owner = postgres.url(APPLICATION), postgres.url(OWNER)
    if queue is None:
        valkey = EmbeddedValkey(settings.home)
        valkey.ensure()
        queue = valkey.celery_url
    return Addresses(application, owner, queue)

"""Living login sessions, made at the syndic of their identity, and the visitors that the driver plays with them."""

from collections.abc import Iterator
from datetime import datetime

from bench.population.copying import Row, Table, bytea
from bench.population.numbered import Kind, holder_of_session, identifier, random_looking, slug
from bench.population.people import People
from bench.population.syndics import REDIRECT_URI, client_secret
from bench.visitors import Visitor
from broker.sessions.service import LONGEST, PERSISTENT_IDLE
from config import secrets


class Sessions:
    """The rows of `count` sessions among `identities` identities."""

    def __init__(self, count: int, identities: int, people: People, now: datetime) -> None:
        self._count = count
        self._identities = identities
        self._people = people
        self._now = now

    def tables(self) -> Iterator[Table]:
        """All tables, in the order of their references."""
        yield Table("login_sessions", SESSION_COLUMNS, map(self._session, range(self._count)))
        yield Table("session_origins", ORIGIN_COLUMNS, map(self._origin, range(self._count)))

    def visitors(self, cookie: str) -> Iterator[Visitor]:
        """The browser of each session; `cookie` is the name of the session's cookie."""
        for number in range(self._count):
            syndic = self._people.syndic_of(self._holder(number))
            yield Visitor(
                prefix=f"/t/{slug(syndic)}",
                client_id=f"{slug(syndic)}-extranet",
                client_secret=client_secret(syndic),
                redirect_uri=REDIRECT_URI,
                cookie=f"{cookie}={random_looking('session', number)}",
            )

    def _holder(self, number: int) -> int:
        return holder_of_session(number, self._identities)

    def _session(self, number: int) -> Row:
        digest = bytea(secrets.digest(random_looking("session", number)))
        return (
            identifier(Kind.SESSION, number), digest, identifier(Kind.IDENTITY, self._holder(number)), 0, self._now,
            "password", "{pwd}", True, self._now, self._now, int(PERSISTENT_IDLE.total_seconds()),
            self._now + LONGEST, "bench", "127.0.0.0/24",
        )  # fmt: skip

    def _origin(self, number: int) -> Row:
        syndic = self._people.syndic_of(self._holder(number))
        return (
            identifier(Kind.ORIGIN, number), identifier(Kind.SESSION, number), identifier(Kind.SYNDIC, syndic),
            self._now,
        )  # fmt: skip


SESSION_COLUMNS = (
    "id", "token_digest", "identity_id", "identity_epoch", "authenticated_at", "acr", "amr", "persistent", "created_at",
    "seen_at", "idle_s", "expires_at", "user_agent", "network",
)  # fmt: skip
ORIGIN_COLUMNS = ("id", "session_id", "syndic_id", "authenticated_at")

"""Living login sessions, made at the syndic of their identity, and the visitors that the driver plays with them."""

from collections.abc import Iterator
from datetime import datetime

from bench.population.copying import Row, Table
from bench.population.numbered import Kind, identifier, random_looking, slug
from bench.population.people import People
from bench.population.syndics import REDIRECT_URI, client_id, client_secret
from bench.visitors import Visitor, basic
from broker.sessions.service import LONGEST, PERSISTENT_IDLE
from config import secrets


class Sessions:
    """The rows of `count` sessions of these people."""

    def __init__(self, count: int, people: People, now: datetime) -> None:
        self._count = count
        self._people = people
        self._now = now

    def tables(self) -> Iterator[Table]:
        """All tables, in the order of their references."""
        yield Table("login_sessions", SESSION_COLUMNS, map(self._session, range(self._count)))
        yield Table("session_origins", ORIGIN_COLUMNS, map(self._origin, range(self._count)))
        yield Table("client_sessions", CLIENT_COLUMNS, map(self._known, range(self._count)))

    def visitors(self, cookie: str) -> Iterator[Visitor]:
        """The browser of each session; `cookie` is the name of the session's cookie."""
        for number in range(self._count):
            syndic = self._people.syndic_of(self._people.holder_of_session(number))
            yield Visitor(
                prefix=f"/t/{slug(syndic)}",
                client_id=client_id(syndic),
                basic=basic(client_id(syndic), client_secret(syndic)),
                redirect_uri=REDIRECT_URI,
                cookie=f"{cookie}={random_looking('session', number)}",
            )

    def _session(self, number: int) -> Row:
        digest = secrets.digest(random_looking("session", number))
        holder = self._people.holder_of_session(number)
        return (
            identifier(Kind.SESSION, number), digest, identifier(Kind.IDENTITY, holder), 0, self._now,
            "password", "{pwd}", True, self._now, self._now, int(PERSISTENT_IDLE.total_seconds()),
            self._now + LONGEST, "bench", "127.0.0.0/24",
        )  # fmt: skip

    def _origin(self, number: int) -> Row:
        syndic = self._people.syndic_of(self._people.holder_of_session(number))
        return (
            identifier(Kind.ORIGIN, number), identifier(Kind.SESSION, number), identifier(Kind.SYNDIC, syndic),
            self._now,
        )  # fmt: skip

    def _known(self, number: int) -> Row:
        """The extranet has been entered in this session before, with the default account."""
        holder = self._people.holder_of_session(number)
        return (
            identifier(Kind.CLIENT_SESSION, number), identifier(Kind.SESSION, number),
            identifier(Kind.CLIENT, self._people.syndic_of(holder)), identifier(Kind.ACCOUNT, holder),
            random_looking("sid", number), random_looking("sub", holder), self._now,
        )  # fmt: skip


SESSION_COLUMNS = (
    "id", "token_digest", "identity_id", "identity_epoch", "authenticated_at", "acr", "amr", "persistent", "created_at",
    "seen_at", "idle_s", "expires_at", "user_agent", "network",
)  # fmt: skip
ORIGIN_COLUMNS = ("id", "session_id", "syndic_id", "authenticated_at")
CLIENT_COLUMNS = ("id", "session_id", "client_id", "account_id", "sid", "sub", "used_at")

"""A server that is measured."""

from dataclasses import dataclass, field
from pathlib import Path

from bench import processes


@dataclass(frozen=True)
class Endpoints:
    """Paths below a visitor's prefix."""

    authorize: str
    token: str
    userinfo: str
    introspect: str
    discovery: str
    jwks: str


@dataclass(frozen=True)
class Target:
    """A running server with its visitors: `host` is what it is called, `server` and `database` are pids."""

    name: str
    port: int
    host: str
    endpoints: Endpoints
    visitors: Path
    count: int
    server: int
    database: int
    web: tuple[int, ...] = field(default=())
    """The processes that answer requests, a supervising parent not among them."""

    @property
    def headers(self) -> dict[str, str]:
        """What goes with every request."""
        return proxied(self.host)

    def cpu_ms(self) -> tuple[float, float]:
        """CPU used so far: by the server's processes, by the database's."""
        return processes.cpu_ms(self.server), processes.cpu_ms(self.database)

    def resident_mib(self) -> float:
        """Resident memory of the largest process that answers requests."""
        return max(processes.resident_mib(pid) for pid in self.web)


def proxied(host: str) -> dict[str, str]:
    """What the one proxy in front says: browsers come by https."""
    return {"Host": host, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}

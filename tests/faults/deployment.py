"""The whole service as real processes, struck by its hands and tended again: to be used in the main thread only."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from broker.app import create_app
from broker.embedded import Addresses
from broker.models import metadata
from config import clock, schema
from config.database import db
from config.embedded.postgres import APPLICATION, OWNER, SUPERUSER, EmbeddedPostgres
from config.embedded.valkey import EmbeddedValkey
from config.settings import settings
from demo.inbox import Inbox
from demo.programs import GRANIAN
from demo.running import Program, Running, end_all
from tenants.legacy.connectors.source import public_jwks
from tenants.syndics import service as syndics
from tests.contracts.syndic_service import Person
from tests.faults.extranet import Extranet, Troubles
from tests.faults.hands import WORKERS, Hands
from tests.faults.lengths import REALLY_WAITS, SEED
from tests.faults.post import Post
from tests.world import Account, TestSyndic, World

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
START_S = 60.0
TICK_S = 0.05
REQUIRED: dict[str, Any] = {"association_policy": "required", "association_deadline": "2099-01-01T00:00:00+00:00"}


class Deployment(Hands):
    """PostgreSQL that keeps what it has acknowledged, Valkey, web, two workers, beat; a post office, an extranet."""

    def __init__(self, home: Path, inbox: Inbox, postgres: EmbeddedPostgres | None = None) -> None:
        super().__init__()
        self.home = home
        self._inbox = inbox
        self.postgres = postgres or EmbeddedPostgres(home / "servers", in_memory=True)
        self.valkey = EmbeddedValkey(home / "servers")
        self.servers |= {"postgres": self.postgres, "valkey": self.valkey}
        self.post = Post(SEED)
        self.extranet = Extranet(seed=SEED)
        self.down: set[str] = set()
        """Servers that are to stay down for now."""
        self._clock = home / "clock"
        self._moved = 0.0
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port: int = free.getsockname()[1]
        self.base = f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self._clock.write_text("0")
        for server in self.servers.values():
            server.ensure()
        schema.upgrade(self.postgres.url(OWNER), self.postgres.url(APPLICATION), metadata)
        self.post.open()
        self.extranet.__enter__()
        self.application = create_app(settings(), self._addresses())
        self.world = World(self.base, self.application, self._inbox, lambda: 0)
        for name, words in self._programs().items():
            self.running[name] = Running(Program(name, words, self.home / f"{name}.log"), self._environment())
        self.until("the web answers", self.answers)

    def stop(self) -> None:
        """End everything, and leave nothing behind."""
        for program in self.running.values():
            self.signal(program.pid, signal.SIGCONT)
        end_all(self.running.values())
        self.running.clear()
        if hasattr(self, "application"):
            self.forget_connections()
            self.post.close()
            self.extranet.__exit__(None, None, None)
        clock.shift(timedelta())
        for server in (self.valkey, self.postgres):
            server.stop()
            server.wipe()

    def _programs(self) -> dict[str, tuple[str, ...]]:
        web = [word if word != "broker.wsgi:application" else "tests.faults.programs:application" for word in GRANIAN]
        ours = ("-m", "tests.faults.programs")
        return {
            "web": (*web, "--host", HOST, "--port", str(self.port)),
            **dict.fromkeys(WORKERS, (*ours, "worker")),
            "beat": (*ours, "beat"),
        }

    def _addresses(self) -> Addresses:
        return Addresses(self.postgres.url(APPLICATION), None, self.valkey.celery_url)

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "TROUSSEAU_HOME": str(self.home),
            "TROUSSEAU_BASE_URL": self.base,
            "TROUSSEAU_DATABASE_URL": self.postgres.url(APPLICATION),
            "TROUSSEAU_REDIS_URL": self.valkey.celery_url,
            "TROUSSEAU_SMTP_URL": self.post.url,
            "FAULTS_CLOCK": str(self._clock),
            **({} if REALLY_WAITS else {"FAULTS_HASTE": "1"}),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }

    # What a fault does.

    def log(self, name: str) -> str:
        """What a program has said since its first start."""
        return (self.home / f"{name}.log").read_text("utf-8", "replace")

    def move_clock(self, seconds: float) -> None:
        """Move the clock of all programs by so much from where it stands. The machine's own is never touched."""
        self._moved += seconds
        draft = self._clock.with_suffix(".new")
        draft.write_text(str(self._moved))
        draft.replace(self._clock)
        clock.shift(timedelta(seconds=self._moved))
        time.sleep(0.3)  # the programs look every tenth of a second

    def outlive_leases(self) -> None:
        """Wait until what dead workers held is free again: really, in the long form; else the clock moves on."""
        if REALLY_WAITS:
            self.stay(62)
        else:
            self.move_clock(62)

    def heal(self) -> None:
        """End every fault that is under way."""
        self.down.clear()
        self.post.calm()
        self.extranet.troubles, self.extranet.held = Troubles(), None
        for name in self.running:
            for pid in [self.running[name].pid, *self.children(name)]:
                self.signal(pid, signal.SIGCONT)
        self.tend()

    def serve_from(self, postgres: EmbeddedPostgres) -> None:
        """Let another PostgreSQL stand in the place of the one that was stopped, at the same address."""
        self.postgres = self.servers["postgres"] = postgres
        self.down.discard("postgres")
        postgres.ensure()
        self.forget_connections()

    # What it is tended by, as an operator's supervisor would.

    def stay(self, seconds: float, every: float = 1e9, act: Callable[[], object] = bool) -> None:
        """Keep it running for so long, and do `act` every so many seconds."""
        end, again = time.monotonic() + seconds, time.monotonic() + every
        while (now := time.monotonic()) < end:
            self.tend()
            if now >= again:
                again = now + every
                act()
            time.sleep(TICK_S)

    def until(self, what: str, condition: Callable[[], bool], patience_s: float = START_S) -> None:
        """Keep it running until something holds; fail, saying what was awaited, if it never does."""
        deadline = time.monotonic() + patience_s
        while not condition():
            self.tend()
            assert time.monotonic() < deadline, f"not in {patience_s:.0f} s: {what}; struck: {self.struck[-12:]}"
            time.sleep(TICK_S)

    def tend(self) -> None:
        """Start again what has died, as a supervisor does."""
        for program in self.running.values():
            program.tend()
        for name, server in self.servers.items():
            if name not in self.down and not server.alive():
                server.ensure()

    def answers(self) -> bool:
        """Whether the web is ready."""
        import httpx2

        with suppress(httpx2.HTTPError):
            return httpx2.get(f"{self.base}/readyz", timeout=5, trust_env=False).is_success
        return False

    # What a test stands on.

    def syndic(self, accounts: int, *, remote: bool = False, **policy: Any) -> TestSyndic:
        """Onboard a syndic whose owners must associate; `remote`: its codes are kept by the extranet."""
        url = self.extranet.base_url if remote else None
        made = self.world.syndic(0 if remote else accounts, **{**REQUIRED, **policy, "connector_url": url})
        if not remote:
            return made
        for number in range(accounts):
            account = Account(
                f"{20000000 + len(self.extranet.people)}", f"code-{number}-{made.slug}", "M. Lefèvre", None
            )
            self.extranet.people[account.identifier] = Person(account.password, account.holder, None, "Lot 7")
            made.accounts.append(account)
        with self.application.app_context():
            keys = public_jwks(syndics.get(made.slug).id)["keys"]
        self.extranet.trusts = {"keys": [*self.extranet.trusts.get("keys", []), *keys]}
        return made

    @contextmanager
    def database(self, role: str = SUPERUSER) -> Iterator["psycopg.Connection[dict[str, Any]]"]:
        """A connection of a test's own."""
        url = self.postgres.url(role).replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:
            yield connection

    def open_promises(self) -> list[dict[str, Any]]:
        """What is promised and not done."""
        with self.database() as sql:
            waiting = "SELECT topic, key, attempts, last_error, due_at, leased_until, stuck_at FROM outbox"
            return sql.execute(f"{waiting} WHERE done_at IS NULL").fetchall()

    def settle(self, patience_s: float = 60.0) -> None:
        """Wait until every promise is kept. In the short form the clock moves on instead of longer waits."""
        deadline, quiet = time.monotonic() + patience_s, time.monotonic() + 3
        while waiting := self.open_promises():
            told = json.dumps(waiting[:3], default=str)
            assert time.monotonic() < deadline, f"{len(waiting)} promises are still open: {told}"
            if not REALLY_WAITS and time.monotonic() > quiet:
                self.move_clock(20)
                quiet = time.monotonic() + 2
            self.stay(0.2)

    def forget_connections(self) -> None:
        """Of this very process: they may lead to a server that has died."""
        with self.application.app_context():
            db.engine.dispose()

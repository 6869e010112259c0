"""What monitoring counts (Prometheus): names and label values are few and fixed, and nothing in them is anybody's.

Without `TROUSSEAU_METRICS` nothing is counted. With it, processes of one folder (`TROUSSEAU_HOME`) count into files
that any of them can read, and one of them answers `/metrics` at that address for all; when it ends, another does.
"""

import errno
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from config.logging import log
from config.settings import settings

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
DELAYS = (0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200, 86400)
TRY_AGAIN_S = 5
GRANTS = {"authorization_code", "refresh_token", "client_credentials"}
TOKEN_ANSWERS = {
    "ok", "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
    "invalid_scope", "invalid_dpop_proof", "use_dpop_nonce", "unavailable",
}  # fmt: skip
"""RFC 6749 §5.2, RFC 9449 §5 and §8: whoever asks chooses no label."""
_log = log("telemetry")


@dataclass(frozen=True)
class State:
    """Something that the database knows now: read when monitoring asks. Rows are (label values, value)."""

    name: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[], Iterable[tuple[tuple[str, ...], float]]]


@dataclass
class Meter:
    """The counters of this process."""

    requests: Any
    flows: Any
    sign_ins: Any
    authorizations: Any
    tokens: Any
    attempts: Any
    promises: Any
    delays: Any
    mails: Any
    states: list[State] = field(default_factory=list)


def request(endpoint: str, method: str, status: str, seconds: float) -> None:
    """A request has been answered. `endpoint` is a name of ours, never an address."""
    if (line := _of_requests(endpoint, method, status)) is not None:
        line.observe(seconds)


def flow(kind: str) -> None:
    """A step of a journey happened: a sign-in, an association, a reset; kinds are those of the security journal."""
    if (found := meter()) is not None:
        found.flows.labels(kind).inc()


def sign_in(acr: str, outcome: str) -> None:
    """A sign-in came to its end: `right`, or what was wrong with it. `acr`: what it reached, or would have reached."""
    if (found := meter()) is not None:
        found.sign_ins.labels(acr, outcome).inc()


def authorization(answer: str) -> None:
    """An authorization request was answered: `code`, `page` (a person is asked first), or an error code of OpenID."""
    if (found := meter()) is not None:
        found.authorizations.labels(answer).inc()


def token(grant: str, answer: str) -> None:
    """A token request was answered: `ok`, or an error code of OAuth; any other word counts as `other`."""
    if (found := meter()) is not None:
        known = (grant if grant in GRANTS else "other", answer if answer in TOKEN_ANSWERS else "other")
        found.tokens.labels(*known).inc()


def attempt(outcome: str) -> None:
    """A password was submitted: `checked`, `locked` or `slowed`."""
    if (found := meter()) is not None:
        found.attempts.labels(outcome).inc()


def promise(topic: str, outcome: str, delay_s: float | None = None) -> None:
    """A promise was `done` (so long after it was due), `postponed`, `stuck` or `lost` to another worker."""
    if (found := meter()) is not None:
        found.promises.labels(topic, outcome).inc()
        if delay_s is not None:
            found.delays.labels(topic).observe(delay_s)


def mail(state: str) -> None:
    """A mail has come into this state."""
    if (found := meter()) is not None:
        found.mails.labels(state).inc()


@cache
def meter() -> Meter | None:
    """The counters, made at the first use; None where nobody wants to know.

    The library decides at its import whether processes share what they count, so it is imported here.
    """
    if settings().metrics is None:
        return None
    folder = settings().home / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(folder))
    from prometheus_client import Counter, Histogram

    return Meter(
        Histogram("trousseau_request_seconds", "Answers", ["endpoint", "method", "status"], buckets=SECONDS),
        Counter("trousseau_flows", "Steps of journeys", ["flow"]),
        Counter("trousseau_sign_ins", "Sign-ins, by how strong they are and how they ended", ["acr", "outcome"]),
        Counter("trousseau_authorizations", "Answered authorization requests", ["answer"]),
        Counter("trousseau_tokens", "Answered token requests", ["grant", "answer"]),
        Counter("trousseau_attempts", "Submitted passwords", ["outcome"]),
        Counter("trousseau_promises", "Promises of the outbox", ["topic", "outcome"]),
        Histogram("trousseau_promise_delay_seconds", "From due to done", ["topic"], buckets=DELAYS),
        Counter("trousseau_mails", "Mails by the state they came into", ["state"]),
    )


@lru_cache(maxsize=4096)
def _of_requests(endpoint: str, method: str, status: str) -> Any:
    found = meter()
    return found.requests.labels(endpoint, method, status) if found else None


def serve(states: Iterable[State]) -> None:
    """Answer `/metrics` from a thread of this process, as soon as no other does. `states` are read at each answer."""
    found, where = meter(), settings().metrics
    if found is None or where is None:
        return
    found.states[:] = states
    threading.Thread(target=_serve, args=(found, *where), daemon=True, name="metrics").start()


def _serve(found: Meter, host: str, port: int) -> None:
    from prometheus_client import CollectorRegistry, multiprocess, start_http_server

    registry = CollectorRegistry(auto_describe=False)
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library's own
    registry.register(_States(found))
    waiting = threading.Event()
    while True:
        try:
            start_http_server(port, addr=host, registry=registry)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                _log.error("metrics_unavailable", reason=error.strerror)
            waiting.wait(TRY_AGAIN_S)
        else:
            return


class _States:
    """The library's way to ask for what is true now."""

    def __init__(self, found: Meter) -> None:
        self._meter = found

    def collect(self) -> Iterable[Any]:
        """Each state as a gauge; one that cannot be read is missing, and the others are told."""
        from prometheus_client.core import GaugeMetricFamily

        for state in self._meter.states:
            family = GaugeMetricFamily(state.name, state.help, labels=list(state.labels))
            try:
                for labels, value in state.read():
                    family.add_metric(labels, value)
            except Exception as error:  # the database may be down: monitoring must still see the rest
                _log.warning("metrics_state_unread", state=state.name, kind=type(error).__name__)
                continue
            yield family

"""What monitoring sees of running processes, and what their log lines have in common."""

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres
from demo.crew import Crew
from demo.inbox import Inbox
from demo.running import Program
from tests.browser import Browser
from tests.conftest import TEMPLATE
from tests.journeys.extranets import free_port
from tests.journeys.steps import sign_in

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
QUEUE_NUMBER = 1 + int(WORKER.removeprefix("gw") if WORKER != "alone" else 0) % 15
"""Valkey has 16 numbered key spaces, and the other tests use the first."""
PATIENCE_S = 60
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")


@dataclass(frozen=True)
class Service:
    """Two web processes and a worker, with one internal address for all they count."""

    base: str
    metrics: str
    folder: Path

    def counted(self, name: str, **labels: str) -> float:
        """The sum of a figure over all lines that have these labels."""
        total = 0.0
        for line in httpx2.get(self.metrics).text.splitlines():
            found = SAMPLE.match(line)
            if (
                found
                and found[1] == name
                and all(f'{key}="{value}"' in (found[2] or "") for key, value in labels.items())
            ):
                total += float(found[3])
        return total

    def eventually(self, name: str, at_least: float, **labels: str) -> None:
        """Return once a figure is as high as was promised."""
        end = time.monotonic() + PATIENCE_S
        while (now := self.counted(name, **labels)) < at_least:
            assert time.monotonic() < end, f"{name}{labels} counts {now}, not {at_least}"
            time.sleep(0.1)

    def lines(self, program: str, event: str) -> list[dict[str, str]]:
        """The log lines of a program that tell of an event."""
        log = (self.folder / f"{program}.log").read_text("utf-8")
        found = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
        return [line for line in found if line.get("event") == event]


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A visitor; this server keeps connections open."""
    with closing(Browser()) as made:
        yield made


@pytest.fixture(scope="module")
def service(postgres: EmbeddedPostgres, inbox: Inbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The processes, up for this module."""
    folder, database = tmp_path_factory.mktemp("seen"), f"seen_{WORKER}"
    postgres.create_database(database, template=TEMPLATE)
    base, metrics = f"http://127.0.0.1:{free_port()}", free_port()
    queue = os.environ["TROUSSEAU_TEST_QUEUE"].partition("?")[0]
    crew = Crew(
        {
            **os.environ,
            "TROUSSEAU_HOME": str(folder),
            "TROUSSEAU_BASE_URL": base,
            "TROUSSEAU_DATABASE_URL": postgres.url(APPLICATION, database),
            "TROUSSEAU_MIGRATION_DATABASE_URL": postgres.url(OWNER, database),
            "TROUSSEAU_REDIS_URL": f"{queue}?virtual_host={QUEUE_NUMBER}",
            "TROUSSEAU_SMTP_URL": f"smtp://127.0.0.1:{inbox.smtp_port}",
            "TROUSSEAU_METRICS": f"127.0.0.1:{metrics}",
        }
    )
    try:
        crew.start(_web(base, folder / "web.log"))
        crew.start(Program("worker", ("-m", "workers", "worker"), folder / "worker.log"))
        crew.await_answer("web", f"{base}/readyz")
        crew.await_answer("metrics", f"http://127.0.0.1:{metrics}/metrics")
        yield Service(base, f"http://127.0.0.1:{metrics}/metrics", folder)
    finally:
        crew.stop()
        postgres.drop_database(database)


def _web(base: str, log: Path) -> Program:
    host, _, port = base.removeprefix("http://").partition(":")
    server = ("-m", "granian", "--interface", "wsgi", "--factory", "broker.wsgi:application", "--http", "1", "--no-ws")
    size = ("--workers", "2", "--blocking-threads", "2", "--workers-kill-timeout", "3")
    return Program("web", (*server, *size, "--host", host, "--port", port), log)


def test_requests_are_counted_over_all_web_processes(service: Service, browser: Browser) -> None:
    before = service.counted("trousseau_request_seconds_count", endpoint="portal.login")
    for _ in range(20):
        browser.get(f"{service.base}/login")
    after = service.counted("trousseau_request_seconds_count", endpoint="portal.login", method="GET", status="200")
    assert after - before == 20, "whichever of the processes answered, and whichever is asked"


def test_failed_sign_ins_and_journeys_are_counted_without_naming_anybody(service: Service, browser: Browser) -> None:
    email = f"inconnu-{WORKER}@boite.example"
    before = service.counted("trousseau_attempts_total", outcome="checked")
    sign_in(browser.get(f"{service.base}/login"), email, "un mauvais mot de passe")
    assert service.counted("trousseau_attempts_total", outcome="checked") - before == 1
    assert email not in httpx2.get(service.metrics).text


def test_a_request_is_followed_by_its_id_from_the_page_to_the_mail(
    service: Service, inbox: Inbox, browser: Browser
) -> None:
    email = f"suivi-{WORKER}@boite.example"
    page = browser.get(f"{service.base}/forgotten")
    page.submit("Envoyer le lien", **{"Adresse e-mail": email})
    assert inbox.wait_for(to=email, timeout=PATIENCE_S)
    service.eventually("trousseau_promises_total", 1, topic="mail.send", outcome="done")
    promised = service.lines("web", "promised")[-1]
    kept = [line for line in service.lines("worker", "promise_kept") if line["promise"] == promised["promise"]]
    assert [line["request_id"] for line in kept] == [promised["request_id"]], "both lines bear the request's id"
    for program in ("web", "worker"):
        assert email not in (service.folder / f"{program}.log").read_text("utf-8"), "and no address"


def test_what_waits_in_the_outbox_is_told_by_topic(service: Service, browser: Browser) -> None:
    kept = service.counted("trousseau_promises_total", topic="mail.send", outcome="done")
    email = f"attente-{WORKER}@boite.example"
    browser.get(f"{service.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": email})
    service.eventually("trousseau_promises_total", kept + 1, topic="mail.send", outcome="done")
    assert service.counted("trousseau_outbox_waiting", topic="mail.send") == 0


def test_metrics_are_not_for_the_world(service: Service) -> None:
    assert httpx2.get(f"{service.base}/metrics").status_code == 404, "only the internal address answers"

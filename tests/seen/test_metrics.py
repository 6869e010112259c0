"""What monitoring sees of running processes, and what their log lines have in common."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import yaml

from config import clock
from config.database import transaction
from config.outbox import Lane, lane_to
from demo.inbox import Inbox
from tenants.syndics import service as syndics
from tests.browser import Browser
from tests.journeys.steps import PASSWORD, associate, legacy_sign_in, sign_in, until_waiting
from tests.relying_party import RelyingParty
from tests.seen.conftest import PATIENCE_S, WORKER, Service

PAGE = Path(__file__).parents[2] / "docs" / "monitoring.md"
METRIC = re.compile(r"\btrousseau_[a-z_]+")


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


def test_sign_ins_authorizations_and_tokens_are_counted_by_how_they_ended(service: Service) -> None:
    syndic = service.world.syndic()
    email = f"comptee-{WORKER}@boite.example"
    associate(service.world, syndic, syndic.accounts[0], email)
    figures: dict[str, tuple[str, dict[str, str]]] = {
        "a right password": ("trousseau_sign_ins_total", {"acr": "password", "outcome": "right"}),
        "a wrong one": ("trousseau_sign_ins_total", {"acr": "password", "outcome": "wrong"}),
        "a wrong printed code": ("trousseau_sign_ins_total", {"acr": "legacy", "outcome": "wrong"}),
        "a code": ("trousseau_authorizations_total", {"answer": "code"}),
        "a silent request without a session": ("trousseau_authorizations_total", {"answer": "login_required"}),
        "tokens": ("trousseau_tokens_total", {"grant": "authorization_code", "answer": "ok"}),
        "a used code": ("trousseau_tokens_total", {"grant": "authorization_code", "answer": "invalid_grant"}),
        "a grant of no kind": ("trousseau_tokens_total", {"grant": "other"}),
    }
    before = {what: service.counted(name, **labels) for what, (name, labels) in figures.items()}
    party, browser = RelyingParty(syndic), Browser()
    sign_in(party.begin(browser), email, "un mauvais mot de passe")
    sign_in(RelyingParty(syndic).begin(Browser()), "99999999", "un mauvais code")
    code = party.code(sign_in(party.begin(browser), email, PASSWORD))
    assert party.redeem(code).is_success
    assert not party.redeem(code).is_success
    RelyingParty(syndic).begin(Browser(), prompt="none")
    httpx2.post(f"{syndic.issuer}/token", data={"grant_type": f"urn:{email}"})
    for what, (name, labels) in figures.items():
        assert service.counted(name, **labels) - before[what] == 1, f"{what} is counted once"
    assert email not in httpx2.get(service.metrics).text, "and whoever asks puts no word of theirs there"


def test_an_association_is_followed_from_its_beginning_to_its_link(service: Service) -> None:
    flows = ("association.begun", "association.waiting", "association.confirmed")
    before = [service.counted("trousseau_flows_total", flow=flow) for flow in flows]
    syndic = service.world.syndic()
    associate(service.world, syndic, syndic.accounts[0], f"suivie-2-{WORKER}@boite.example")
    assert [service.counted("trousseau_flows_total", flow=flow) for flow in flows] == [each + 1 for each in before]


def test_what_became_of_mails_is_counted(service: Service) -> None:
    before = {state: service.counted("trousseau_mails_total", state=state) for state in ("queued", "accepted")}
    page = Browser().get(f"{service.base}/forgotten")
    page.submit("Envoyer le lien", **{"Adresse e-mail": f"posté-{WORKER}@boite.example"})
    service.eventually("trousseau_mails_total", before["queued"] + 1, state="queued")
    page.browser.get(f"{service.base}/forgotten").submit(
        "Envoyer le lien", **{"Adresse e-mail": f"poste-{WORKER}@boite.example"}
    )
    service.eventually("trousseau_mails_total", before["accepted"] + 1, state="accepted")


def test_an_open_lane_is_seen_by_its_purpose_and_names_no_syndic(service: Service) -> None:
    syndic = service.world.syndic(accounts=0)
    with service.world.application.app_context(), transaction() as work:
        name = lane_to("webhook", syndics.get(syndic.slug).id, "https://extranet.example/hook")
        now = clock.now()
        work.add(Lane(name=name, taken_at=now, failures=3, open_until=now + timedelta(hours=1)))
    assert service.counted("trousseau_lanes", purpose="webhook", state="open") == 1
    assert "extranet.example" not in httpx2.get(service.metrics).text


def test_no_figure_has_a_label_that_others_choose(service: Service) -> None:
    told = httpx2.get(service.metrics).text
    syndic = service.world.syndic(accounts=0)
    Browser().get(f"{service.base}/t/{syndic.slug}/help")
    Browser().get(f"{service.base}/t/nobody-{WORKER}/help")
    httpx2.request("BREW", f"{service.base}/login")
    now = httpx2.get(service.metrics).text
    for word in (syndic.slug, f"nobody-{WORKER}", "BREW"):
        assert word not in now, f"{word} is no label"
    assert len(now.splitlines()) < len(told.splitlines()) + 100, "a request makes no figures of its own"


def blocks(page: str) -> list[Any]:
    """The YAML blocks of a page, read."""
    return [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]


def test_the_sample_alerts_ask_for_figures_that_exist(service: Service) -> None:
    syndic = service.world.syndic(association_policy="required", association_deadline="2099-01-01T00:00:00+00:00")
    _, page = legacy_sign_in(Browser(), syndic, syndic.accounts[0])
    until_waiting(page, f"alarme-{WORKER}@boite.example")
    service.world.work()
    (rules,) = blocks(PAGE.read_text("utf-8"))
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len(alerts) >= 8
    for alert in alerts:
        assert {"alert", "expr", "for", "labels", "annotations"} <= set(alert), alert
        assert METRIC.findall(alert["expr"]) or "up{" in alert["expr"], f"{alert['alert']} asks for a figure of ours"
    told = httpx2.get(service.metrics).text
    known = set(re.findall(r"^# TYPE (\w+) ", told, re.MULTILINE)) | set(re.findall(r"^(\w+)[{ ]", told, re.MULTILINE))
    asked = {name for alert in alerts for name in METRIC.findall(alert["expr"])}
    assert asked <= known, f"monitoring would wait in vain for {asked - known}"


def test_every_figure_is_explained(service: Service) -> None:
    told = httpx2.get(service.metrics).text
    names = set(re.findall(r"^# TYPE (trousseau_\w+) ", told, re.MULTILINE))
    explained = set(METRIC.findall(PAGE.read_text("utf-8")))
    missing = {name for name in names if name not in explained and not name.endswith("_created")}
    assert not missing, f"docs/monitoring.md says what these mean: {missing}"

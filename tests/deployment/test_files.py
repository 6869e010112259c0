"""The deployment's files say what the code does: known settings only, every secret from outside, nobody mighty."""

import re
from typing import Any

import pytest
from flask import Flask

from config.production import NEEDS, faults
from tests.deployment.dockerfile import Image, reaches_the_builder, steps
from tests.deployment.files import ROOT, MissingVariable, asked_for, composed

SECRET = re.compile(r"SECRET|PASSWORD|KEYS")
OURS = ("web1", "web2", "worker", "beat", "migrate")
EXAMPLE = re.compile(r"^#?([A-Z_]+)=(.*)$", re.MULTILINE)
FILLED = {
    "TROUSSEAU_BASE_URL": "https://compte.trousseau.test",
    "TLS_FOLDER": "/etc/letsencrypt/live/compte.trousseau.test",
    "POSTGRES_PASSWORD": "b94f9d0c1a2e4c55aa3c7de91f0e6b01",
    "OWNER_PASSWORD": "c1dfd96eea8cc2b62785275bca38ac26",
    "APP_PASSWORD": "2e7d2c03a9507ae265ecf5b5356885a5",
    "TROUSSEAU_ROOT_SECRET": "kGkl0cCqM1p0K9m3xZ2xkQm0t3y0kq2d6q3bB4zq1nM=",
    "TROUSSEAU_ENCRYPTION_KEYS": "k1:Qm0t3y0kq2d6q3bB4zq1nMkGkl0cCqM1p0K9m3xZ2xk=",
    "TROUSSEAU_SMTP_URL": "smtp://mail.trousseau.test:587?starttls=1",
    "TROUSSEAU_MAIL_FROM": "Trousseau <ne-pas-repondre@compte.trousseau.test>",
}


def _services() -> dict[str, Any]:
    found: dict[str, Any] = composed(FILLED)["services"]
    return found


def _known_settings() -> set[str]:
    """Every name that the product reads, from its own sources."""
    sources = (ROOT / "config").rglob("*.py")
    return {name for source in sources for name in re.findall(r'"(TROUSSEAU_[A-Z0-9_]+)"', source.read_text("utf-8"))}


@pytest.mark.parametrize("service", OURS)
def test_each_process_is_given_known_settings_only_and_all_that_production_needs(service: str) -> None:
    variables = _services()[service]["environment"]
    assert not variables.keys() - _known_settings(), "a misspelt setting would be read by nobody"
    assert not NEEDS.keys() - variables.keys(), "what production needs is given"
    assert not faults(variables), "and nothing that the file itself makes of it is weak"


def test_compose_names_each_variable_that_is_missing_before_anything_starts() -> None:
    for name, needed in asked_for().items():
        if needed:
            with pytest.raises(MissingVariable, match=name):
                composed({**FILLED, name: ""})


def test_the_example_names_every_variable_of_the_file_and_holds_no_value() -> None:
    example = (ROOT / "deploy/env.example").read_text("utf-8")
    named = dict(EXAMPLE.findall(example))
    assert named.keys() == asked_for().keys(), "the example and the compose file have the same names"
    needed = {name for name, needed in asked_for().items() if needed}
    assert not any(named[name] for name in needed), "a value that everybody knows is no secret"
    assert re.search(r"^/\.env$", (ROOT / ".gitignore").read_text(), re.MULTILINE), "the filled-in one is not committed"
    assert not reaches_the_builder(".env"), "nor does it get into the image"


def test_no_secret_stands_in_the_files() -> None:
    for name, value in re.findall(r"^\s+([A-Z_]+): (.*)$", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE):
        if SECRET.search(name):
            assert re.fullmatch(r"\$\{\w+:[?-][^}]*\}", value), f"{name} comes from outside"
    for passwords in re.findall(r"_URL: \w+\+?\w*://\w+:([^@\s]+)@", (ROOT / "docker-compose.yml").read_text()):
        assert passwords.startswith("${"), "and so does what stands in addresses"


def test_no_container_is_mighty() -> None:
    for name, service in _services().items():
        assert service["read_only"], f"{name} can write nothing but where it must"
        assert service["cap_drop"] == ["ALL"], name
        assert "cap_add" not in service, name
        assert "privileged" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["init"], f"{name}: its first process reaps what others leave"
        assert int(service["user"].split(":")[0]) > 0, f"{name} is not root"
        assert service.get("restart") == ("no" if name == "migrate" else "unless-stopped"), name
        assert name == "migrate" or service["healthcheck"], f"{name} says whether it is well"
        assert re.search(r":v?\d+\.\d+(\.\d+)?(-|$)", service["image"]) or "build" in service, f"{name}: of one version"


def test_the_world_reaches_nginx_alone_and_nginx_no_database() -> None:
    services, networks = _services(), composed(FILLED)["networks"]
    published = {name for name, service in services.items() if "ports" in service}
    assert published == {"nginx", "mail"}
    assert services["mail"]["profiles"] == ["trial"], "the catcher is for trials only"
    assert all(port.startswith("127.0.0.1:") for port in services["mail"]["ports"]), "and for this machine only"
    assert not {*services["nginx"]["networks"]} & {"back", "outside"}, "nginx reaches the web processes only"
    for name in ("postgres", "valkey"):
        assert services[name]["networks"] == ["back"], f"{name} is reached from behind only"
    assert networks["back"]["internal"]
    assert networks["front"]["internal"]
    assert all("9100" not in str(service.get("ports")) for service in services.values()), "figures stay inside"


def test_forms_are_never_sent_twice_and_no_address_is_logged_whole() -> None:
    config = (ROOT / "deploy/nginx.conf").read_text("utf-8")
    directives = re.sub(r"#.*", "", config)
    assert re.search(r"proxy_next_upstream error timeout;", directives)
    assert "non_idempotent" not in directives
    assert not re.search(r"\$(request|request_uri|args|query_string|http_referer|http_cookie)\b.*(,|')", directives)
    assert "server_tokens off" in directives
    assert re.search(r"error_log stderr alert", directives), "below that, nginx writes whole addresses"


def test_every_link_with_a_token_is_logged_without_it(application: Flask) -> None:
    (written,) = re.findall(r'"~(\^\(\?<before>.*?)" "\$before', (ROOT / "deploy/nginx.conf").read_text("utf-8"))
    pattern, token = re.compile(written.replace("?<", "?P<")), "x" * 43
    rules = [rule.rule for rule in application.url_map.iter_rules()]
    with_token = [re.sub(r"<(?:\w+:)?slug>", "agence", rule) for rule in rules if re.search(r"<(\w+:)?token>", rule)]
    assert len(with_token) > 5
    for rule in with_token:
        found = pattern.fullmatch(re.sub(r"<(?:\w+:)?\w+>", token, rule))
        assert found, f"{rule} is logged without its token"
        assert token not in found["before"] + found["after"]


def test_the_image_is_made_of_locked_parts_runs_as_nobody_mighty_and_holds_no_tests(image: Image) -> None:
    written = steps((ROOT / "Dockerfile").read_text("utf-8"))
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", dict(written)["FROM"]), "of one version"
    assert any("--require-hashes" in step for step in image.ran)
    assert not any(re.search(r"pip install(?!.*(--require-hashes|--no-deps))", step) for step in image.ran)
    assert int(image.user.split(":")[0]) > 0
    inside = {path.name for path in image.workdir.iterdir()}
    assert {"config", "tenants", "broker", "workers"} <= inside
    assert not inside & {"tests", "demo", "bench", "docs", ".git", ".env"}
    assert list(image.workdir.rglob("*.mo")), "translations are there"
    assert list(image.workdir.rglob("static/*.css")), "and styles"
    assert list(image.workdir.glob("config/migrations/versions/*.py")), "and migrations"
    assert image.health == _services()["web1"]["healthcheck"]["test"][1:], "image and compose ask the same"
    assert image.command[:3] == ["python", "-m", "broker"]


def test_a_process_has_longer_to_end_than_it_takes() -> None:
    from broker.__main__ import FLAGS
    from workers.mail.transport import TEXT_TIMEOUT_S
    from workers.outbox import TURN_S

    grace = {name: int(_services()[name]["stop_grace_period"].rstrip("s")) for name in ("web1", "worker", "nginx")}
    web = int(FLAGS[FLAGS.index("--workers-kill-timeout") + 1])
    assert grace["web1"] > web
    assert grace["nginx"] > 35, "longer than an answer may take"
    assert grace["worker"] > TEXT_TIMEOUT_S + TURN_S, "a mail that is being handed over is handed over"

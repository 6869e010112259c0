"""The words that start each program of the demonstration."""

from typing import Any

from demo import private_files
from demo.layout import HOST, Layout
from demo.running import Program
from demo.samples import Syndic

WEB_PROCESSES = 2

GRANIAN = (
    *("-m", "granian", "--interface", "wsgi", "--factory", "broker.wsgi:application", "--http", "1", "--no-ws"),
    *("--workers", str(WEB_PROCESSES), "--blocking-threads", "4"),
    # A process that was killed comes back; one that does not want to end is ended.
    *("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "3"),
)


def web(layout: Layout) -> Program:
    """The broker's web server."""
    return _program(layout, "web", (*GRANIAN, "--host", HOST, "--port", str(layout.port)))


def worker(layout: Layout) -> Program:
    """The Celery worker."""
    return _program(layout, "worker", ("-m", "workers", "worker"))


def beat(layout: Layout) -> Program:
    """Celery's clock."""
    return _program(layout, "beat", ("-m", "workers", "beat"))


def inbox(layout: Layout) -> Program:
    """Where all mail arrives."""
    ports = ("--http-port", str(layout.port + 25), "--smtp-port", str(layout.smtp_port))
    return _program(layout, "inbox", ("-m", "demo.inbox", *ports))


def extranet(layout: Layout, number: int, entry: dict[str, Any], syndic: Syndic) -> Program:
    """The extranet of one syndic, by its number from 1; writes the file that tells it who it is.

    `entry` is the syndic's part of the manifest.
    """
    config = layout.folder / "extranets" / f"{syndic.slug}.json"
    config.parent.mkdir(mode=0o700, exist_ok=True)
    private_files.write(config, _config(layout, entry, syndic))
    words = ("-m", "demo.extranet", "--config", str(config), "--port", str(layout.extranet_port(number)))
    return _program(layout, f"extranet-{syndic.slug}", words)


def _config(layout: Layout, entry: dict[str, Any], syndic: Syndic) -> dict[str, Any]:
    """By the names of `demo.extranet_config.Config`."""
    client = entry["clients"][0]
    return {
        "slug": syndic.slug,
        "name": entry["name"],
        "colour": syndic.described["colour"],
        "issuer": entry["issuer"],
        "base": layout.broker,
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        # The source that is asked over HTTP keeps its codes itself.
        "accounts_csv": str(syndic.export) if entry["connector"] == "http" else None,
    }


def _program(layout: Layout, name: str, words: tuple[str, ...]) -> Program:
    return Program(name, words, layout.logs / f"{name}.log")

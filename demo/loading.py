"""Brings the sample syndics into the service as an operator would: by the `trousseau` command line only."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.command_line import CommandLine
from demo.layout import Layout
from demo.samples import DATA, Samples, Syndic

LOOK_SECONDS = 0.25
AT_ONCE = 2
"""Commands at the same time: this machine may have two cores."""
ELSEWHERE = "http://127.0.0.1:9999"
"""Where a program that plays a relying party may listen."""


@dataclass(frozen=True)
class Loaded:
    """What the service said of a syndic: its issuer, its client, and its deadline (ISO 8601) or None."""

    syndic: Syndic
    number: int
    issuer: str
    client: dict[str, Any]
    deadline: str | None


def load(layout: Layout, samples: Samples, commands: CommandLine, look: Callable[[], None]) -> Iterator[Loaded]:
    """Load every syndic with its keys, client and accounts, each given as soon as it is done; and then trust.

    Raises:
        DemoError: a command failed, or `look`, which is called now and then, raised it; the others are ended.
    """
    with _pool(commands) as pool:
        waiting: set[Future[Loaded]] = {
            pool.submit(_load_one, layout, syndic, number, commands)
            for number, syndic in enumerate(samples.syndics, start=1)
        }
        while waiting:
            done, waiting = wait(waiting, LOOK_SECONDS, FIRST_COMPLETED)
            look()
            yield from (each.result() for each in done)
    commands.run("trust", "load", str(samples.trust_file))


@contextmanager
def _pool(commands: CommandLine) -> Iterator[ThreadPoolExecutor]:
    """Threads that call commands; when something goes wrong, the commands that run are ended first."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="loading") as pool:
        try:
            yield pool
        except BaseException:
            commands.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _load_one(layout: Layout, syndic: Syndic, number: int, commands: CommandLine) -> Loaded:
    deadline = _deadline(syndic.described["policy"])
    made = commands.ask("syndic", "add", *_registration(layout, syndic, number, deadline))
    commands.run("keys", "add", "--syndic", syndic.slug)
    client = _client(layout, number)
    words = [word for name, values in client.items() for value in values for word in (_OPTIONS[name], value)]
    secrets = commands.ask(
        "client",
        "add",
        *("--syndic", syndic.slug, "--name", f"Extranet {syndic.described['name']}"),
        *("--initiate-login-uri", f"{layout.extranet(number)}/login"),
        *("--backchannel-logout-uri", f"{layout.extranet(number)}/backchannel-logout"),
        *words,
    )
    commands.run("webhook", "add", syndic.slug, "--name", "Extranet", "--url", f"{layout.extranet(number)}/webhooks")
    report = commands.run("legacy", "import", "--syndic", syndic.slug, str(syndic.export))
    (layout.logs / f"import-{syndic.slug}.log").write_text(report, "utf-8")
    return Loaded(syndic, number, str(made["issuer"]), {**secrets, **client}, deadline)


def _registration(layout: Layout, syndic: Syndic, number: int, deadline: str | None) -> list[str]:
    described = syndic.described
    values = {
        "--slug": syndic.slug,
        "--name": described["name"],
        "--legal-name": described["legal_name"],
        "--siren": described["siren"],
        "--colour": described["colour"],
        "--locale": described["locale"],
        "--logo": str(DATA / described["logo"]),
        **{f"--contact-{name}": value for name, value in described["contact"].items()},
        "--association": described["policy"]["association"],
        "--deadline": deadline,
        "--legacy-disable": described["policy"]["legacy_disable"],
        "--connector": described["connector"],
        "--connector-url": f"{layout.extranet(number)}/legacy" if described["connector"] == "http" else None,
    }
    return [word for name, value in values.items() if value is not None for word in (name, str(value))]


_OPTIONS = {"redirect_uris": "--redirect-uri", "post_logout_redirect_uris": "--post-logout-redirect-uri"}


def _client(layout: Layout, number: int) -> dict[str, list[str]]:
    """The addresses that the extranet registers, by their metadata names (RFC 7591 §2)."""
    both = (layout.extranet(number), ELSEWHERE)
    return {
        "redirect_uris": [f"{each}/callback" for each in both],
        "post_logout_redirect_uris": [f"{each}/logged-out" for each in both],
    }


def _deadline(policy: dict[str, Any]) -> str | None:
    """So many days from now, or before now, to the second."""
    days = policy.get("deadline_days")
    return None if days is None else (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")

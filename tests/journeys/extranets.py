"""A real extranet of one syndic, running: the demonstration's own relying party and legacy source."""

import csv
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passlib.hash import sha512_crypt

from demo.extranet import serve
from demo.extranet_config import Config
from tests.world import Account, TestSyndic, World

HEADER = ["Identifiant", "Titulaire", "E-mail", "Libellé", "Empreinte", "Schéma"]
ACCOUNTS = (
    Account("EX1001", "printed-code-1001", "Mme Odette Brûlé", "odette@laposte.example"),
    Account("EX1002", "printed-code-1002", "M. et Mme Lefèvre", None),
)


@dataclass
class Extranet:
    """A running extranet and the syndic that it belongs to."""

    url: str
    syndic: TestSyndic


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(world: World, folder: Path, *, keeps_its_codes: bool, **policy: Any) -> Iterator[Extranet]:
    """Onboard a syndic and run its extranet; `keeps_its_codes`: its legacy source is the extranet itself (`http`)."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    if keeps_its_codes:
        policy["connector_url"] = f"{url}/legacy"
    syndic = world.syndic(accounts=0 if keeps_its_codes else 2, extranet=url, **policy)
    export = _export(folder / f"{syndic.slug}.csv")
    if keeps_its_codes:
        syndic.accounts = list(ACCOUNTS)
    config = Config(
        slug=syndic.slug,
        name=syndic.name,
        colour="#1f4e79",
        issuer=syndic.issuer,
        base=world.base,
        client_id=syndic.client_id,
        client_secret=syndic.client_secret,
        accounts_csv=export if keeps_its_codes else None,
    )
    with serve(config, port):
        yield Extranet(url, syndic)


def _export(file: Path) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, delimiter=";")
        rows.writerow(HEADER)
        for account in ACCOUNTS:
            secret = sha512_crypt.using(rounds=1000).hash(account.password)
            rows.writerow([account.identifier, account.holder, account.email or "", "Lot 7", secret, "sha512_crypt"])
    return file

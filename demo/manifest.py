"""`manifest.json`, by which any program drives the demonstration, and `kept.json`, the part of it that lasts."""

import json
from pathlib import Path
from typing import Any

from config.settings import Timings
from demo.failures import DemoError
from demo.layout import HOST, Layout
from demo.loading import Loaded
from demo.samples import Account, Samples, unassociated

UNASSOCIATED, WITHOUT_EMAIL = 24, 8
"""So many accounts to try are listed for each syndic: with an address, and without any."""

Facts = dict[str, Any]
"""`{"port", "syndics", "trust", "identities"}`, the last three as in the manifest."""


def syndic_entry(layout: Layout, samples: Samples, loaded: Loaded) -> dict[str, Any]:
    """A syndic's part of the manifest; none of its accounts is linked yet."""
    syndic = loaded.syndic
    policy = syndic.described["policy"]
    return {
        "slug": syndic.slug,
        "name": syndic.described["name"],
        "issuer": loaded.issuer,
        "extranet": layout.extranet(loaded.number),
        "connector": syndic.described["connector"],
        "policy": {
            "association": policy["association"],
            "deadline": loaded.deadline,
            "legacy_disable": policy["legacy_disable"],
        },
        "clients": [loaded.client],
        "accounts": [
            account_entry(account, "active") for account in unassociated(samples, syndic, UNASSOCIATED, WITHOUT_EMAIL)
        ],
    }


def account_entry(account: Account, state: str) -> dict[str, Any]:
    """An account's part; `state` is `active`, `linked` or `disabled`."""
    return {
        "identifier": account.identifier,
        "password": account.password,
        "holder": account.holder,
        "email": account.email,
        "state": state,
    }


def compose(layout: Layout, facts: Facts, timings: Timings, processes: dict[str, Any]) -> dict[str, Any]:
    """The whole manifest."""
    return {
        "broker": layout.broker,
        "portal": f"{layout.broker}/",
        "account": f"{layout.broker}/account/",
        "accounts": f"{layout.broker}/account/accounts",
        "inbox": {
            "url": layout.inbox,
            "api": f"{layout.inbox}/api/messages",
            "smtp": f"{HOST}:{layout.smtp_port}",
        },
        "admin": None,
        "timings": {
            "resend_s": timings.resend_s,
            "mail_link_s": timings.mail_link_s,
            "legacy_lock_s": timings.legacy_lock_s,
        },
        "syndics": facts["syndics"],
        "trust": facts["trust"],
        "identities": facts["identities"],
        "processes": processes,
    }


def kept(path: Path, layout: Layout) -> Facts | None:
    """What an earlier start has kept; None where none was finished.

    Raises:
        DemoError: it was on other ports, which the registered addresses name; or the file is no longer whole.
    """
    try:
        facts: Facts = json.loads(path.read_text("utf-8"))
        port = facts["port"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise DemoError(f"{path} cannot be read: {error}. Start without KEEP=1.") from error
    if port != layout.port:
        raise DemoError(f"The data that KEEP=1 keeps are those of PORT={port}. Start with it, or without KEEP=1.")
    return facts

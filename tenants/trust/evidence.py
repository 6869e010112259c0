"""The evidence of a circle's changes: a chain of the circle's own, to which its members' chains are pinned.

One entry a change in the circle's chain, the platform's, and the chain of whoever comes or goes: never one for each
member that stays (docs/decisions/0023-evidence-of-circles.md).
"""

import uuid
from collections.abc import Mapping

from config.database import session
from tenants.audit import service as audit
from tenants.audit.canonical import Json
from tenants.audit.models import PLATFORM
from tenants.trust.models import Circle


def of_circle(
    kind: str,
    circle: Circle,
    facts: Mapping[str, Json],
    concerned: Mapping[uuid.UUID, str],
    own: Mapping[str, Json] | None = None,
) -> None:
    """Write a change of a circle into the circle's chain, the platform's, and those of the syndics that it concerns.

    `concerned`: their slugs by id. Each one's entry holds `own` (none: `facts`) and names the circle's entry with its
    hash: whoever holds the chain of a member can tell whether the circle's, up to there, is the one of that day.
    The circle's chain is written first: only changes of the registry write it, and they come one after the other.
    """
    session().flush()  # its id is made here
    known: dict[str, Json] = {"circle": str(circle.id), "name": circle.name, "charter": circle.charter}
    audit.append(circle.id, f"trust.{kind}", {**known, **facts})
    head = audit.head(circle.id)
    pinned: dict[str, Json] = {"entry": {"sequence": head.sequence, "sha256": head.hash}}
    audit.append(PLATFORM, f"trust.{kind}", {**known, **facts, **pinned})
    theirs = {**known, **(facts if own is None else own), **pinned}
    audit.append_each(f"trust.{kind}", dict.fromkeys(concerned, theirs))

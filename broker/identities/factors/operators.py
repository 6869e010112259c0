"""An operator's remedy for who has lost every factor. It is evidence, and the address is told."""

from broker.identities import journal
from broker.identities.factors import service
from broker.identities.models import Identity
from tenants.audit import service as audit
from tenants.audit.models import PLATFORM


def remove_all(identity: Identity) -> int:
    """Remove every factor and the recovery codes. Returns how many factors there were; without any, nothing is told."""
    count = len(service.listed(identity.id))
    service.remove_all(identity)
    if count:
        journal.tell("factor.removed-by-operator", identity, None)
        audit.append(PLATFORM, "factors.removed", {"count": count}, {"email": identity.email}, subject=identity.id)
    return count

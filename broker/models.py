"""Every model of the house, so that the metadata is whole: for migrations and checks."""

from broker.association import models as association
from broker.identities import models as identities
from broker.identities.addresses import models as addresses
from broker.identities.factors import models as factors
from broker.oidc import models as oidc
from broker.sessions import models as sessions
from config import outbox
from config.database import Base
from config.mail import models as mail
from tenants.audit import models as audit
from tenants.clients import models as clients
from tenants.evidence import models as evidence
from tenants.legacy import models as legacy
from tenants.syndics import models as syndics
from tenants.terms import models as terms
from tenants.trust import models as trust
from tenants.webhooks import models as webhooks

PARTS = (
    association, identities, addresses, factors, oidc, sessions, outbox, mail, audit, clients, evidence, legacy,
    syndics, terms, trust, webhooks,
)  # fmt: skip

metadata = Base.metadata

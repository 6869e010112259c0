"""Which connector serves a syndic: the registered source, its key, and one breaker per syndic and process."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from config.database import session
from config.outgoing.addresses import refuse_unusable, refuse_unusable_directory
from config.settings import settings
from tenants.legacy.connectors.breaker import Breaker
from tenants.legacy.connectors.contract import Connector, SourceUnavailable
from tenants.legacy.connectors.http import HttpConnector
from tenants.legacy.connectors.imported import ImportedConnector
from tenants.legacy.connectors.ldap import layout
from tenants.legacy.connectors.ldap.connector import LdapConnector
from tenants.legacy.connectors.signing import Signer, make_key
from tenants.legacy.models import CONNECTORS, LegacySource
from tenants.legacy.refusals import UnusableSource
from tenants.syndics.models import Syndic

_breakers: defaultdict[uuid.UUID, Breaker] = defaultdict(Breaker)


def connector_for(syndic_id: uuid.UUID) -> Connector:
    """The connector of a syndic, found with one statement.

    Raises:
        SourceUnavailable: the syndic has no source registered.
    """
    registered = select(LegacySource, Syndic.slug).join(Syndic).where(LegacySource.syndic_id == syndic_id)
    row = session().execute(registered).first()
    if row is None:
        raise SourceUnavailable("this syndic has no legacy source")
    source, slug = row
    if source.base_url is None:  # the kind `imported`, the only one without an address
        return ImportedConnector(syndic_id)
    if source.kind == "ldap":
        return _directory(source)
    signer = Signer(f"{settings().base_url}/t/{slug}", source.base_url, source.key_id, source.private_key)
    return HttpConnector(source.base_url, signer, _breakers[syndic_id])


def _directory(source: LegacySource) -> LdapConnector:
    sealed, context = source.credential or b"", _credential_context(source.syndic_id)
    password = settings().keys.decrypt(sealed, context).decode()
    laid_out = layout.read(source.layout or {})
    whose = str(source.syndic_id)
    return LdapConnector(source.base_url or "", laid_out, password, whose, _breakers[source.syndic_id])


def register_source(
    syndic: Syndic, kind: str, base_url: str | None = None, directory: Mapping[str, Any] | None = None
) -> LegacySource:
    """Register where a syndic's secrets are, or change it; the connector key is made once and stays.

    `directory`: for the kind `ldap`, the fields of `LayoutSchema` and `bind_password`, which is kept encrypted.

    Raises:
        UnusableSource: unknown kind, an address that we may not call, or a directory that is not laid out.
    """
    address = _checked_address(kind, base_url)
    laid_out, credential = _checked_directory(syndic.id, kind, directory)
    source = session().scalar(select(LegacySource).where(LegacySource.syndic_id == syndic.id))
    if source is None:
        key = make_key()
        source = LegacySource(syndic_id=syndic.id, key_id=key.key_id, public_jwk=key.public_jwk, private_key=key.sealed)
        session().add(source)
    source.kind, source.base_url, source.layout, source.credential = kind, address, laid_out, credential
    session().flush()
    return source


def public_jwks(syndic_id: uuid.UUID) -> dict[str, Any]:
    """The JWK Set (RFC 7517 §5) by which a syndic's source checks our calls; no keys where there is no source."""
    keys = session().scalars(select(LegacySource.public_jwk).where(LegacySource.syndic_id == syndic_id))
    return {"keys": list(keys)}


def described(syndic_id: uuid.UUID) -> dict[str, Any] | None:
    """What an operator may see of a syndic's source: `{"kind", "url"}`, a directory's `layout`; None: no source."""
    source = session().scalar(select(LegacySource).where(LegacySource.syndic_id == syndic_id))
    if source is None:
        return None
    laid_out = {"layout": source.layout} if source.layout else {}
    return {"kind": source.kind, "url": source.base_url, **laid_out}


def _checked_address(kind: str, base_url: str | None) -> str | None:
    """The address in the form that calls use, without a final slash."""
    if kind not in CONNECTORS:
        raise UnusableSource(f"unknown kind {kind!r}: {' or '.join(CONNECTORS)}")
    if kind == "imported":
        if base_url:
            raise UnusableSource("an imported source has no address")
        return None
    refuse = refuse_unusable_directory if kind == "ldap" else refuse_unusable
    try:
        refuse(base_url or "")
    except ValueError as error:
        raise UnusableSource(f"the address is not usable: {error}") from error
    return (base_url or "").rstrip("/")


def _checked_directory(
    syndic_id: uuid.UUID, kind: str, directory: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, bytes | None]:
    """A directory's layout, and our password there under our key."""
    if kind != "ldap":
        if directory is not None:
            raise UnusableSource("only a directory (ldap) is laid out")
        return None, None
    given = dict(directory or {})
    password = given.pop("bind_password", None)
    if not isinstance(password, str) or not password:  # RFC 4513 §5.1.2: it would make us an anonymous visitor
        raise UnusableSource("bind_password is missing: our account in the directory needs one")
    return layout.checked(given), settings().keys.encrypt(password.encode(), _credential_context(syndic_id))


def _credential_context(syndic_id: uuid.UUID) -> str:
    return f"connector-credential:{syndic_id}"

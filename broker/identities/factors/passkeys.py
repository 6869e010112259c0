"""Passkeys (WebAuthn Level 3): adding one (§7.1) and showing one (§7.2), each by a challenge that is answered once."""

import ipaddress
import uuid
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import parse_authentication_credential_json, parse_registration_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from broker.identities.factors import strength
from broker.identities.factors.models import Passkey, PasskeyChallenge
from broker.identities.factors.refusals import NotAdded, TooManyPasskeys
from broker.identities.models import Identity
from config import clock, secrets
from config.database import session, statements
from config.settings import settings

CHALLENGE_BYTES = 32
CHALLENGE_LIFE = timedelta(minutes=5)
MOST = 10
LONGEST_NAME = 60
SERVICE = "Trousseau"
MALFORMED = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""What the library raises on an answer that is none, whose parts are of other kinds, or nested without end."""

_TAKE = "DELETE FROM passkey_challenges WHERE holder_id = %s RETURNING challenge, expires_at"


class Cloned(Exception):  # noqa: N818 - a finding, not a defect
    """A right signature with a counter that goes backwards: two copies of the key are in use (§6.1.1)."""

    def __init__(self, passkey: Passkey) -> None:
        super().__init__(passkey.public_id)
        self.passkey = passkey


def host() -> str:
    """The relying party's id: the host of the service's address."""
    return urlsplit(settings().base_url).hostname or ""


def origin() -> str:
    """The one origin that our pages have, as browsers write it: without a default port."""
    parts = urlsplit(settings().base_url)
    port = None if parts.port in {None, {"http": 80, "https": 443}.get(parts.scheme)} else parts.port
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port else "")


def are_possible() -> bool:
    """Whether browsers make passkeys here at all: an IP address has none (§5.1.2: a relying party id is a domain)."""
    try:
        ipaddress.ip_address(host())
    except ValueError:
        return True
    return False


def of(identity_id: uuid.UUID) -> list[Passkey]:
    """The passkeys of an identity, oldest first."""
    found = select(Passkey).where(Passkey.identity_id == identity_id).order_by(Passkey.created_at)
    return list(session().scalars(found))


def creation_options(identity: Identity, session_id: uuid.UUID) -> str:
    """What `navigator.credentials.create` needs, as JSON, with a new challenge for this login session.

    The name in it is the address, which the authenticator shows to its holder; the user handle is no address and
    means nothing elsewhere (§14.6.1).
    """
    options = generate_registration_options(
        rp_id=host(),
        rp_name=SERVICE,
        user_id=_user_handle(identity.id),
        user_name=identity.email_typed,
        user_display_name=identity.email_typed,
        challenge=_new_challenge(session_id),
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=[_descriptor(each) for each in of(identity.id)],
    )
    return str(options_to_json(options))


def add(identity_id: uuid.UUID, session_id: uuid.UUID, answer: str, name: str) -> Passkey:
    """Keep the passkey that the browser has made for this session's challenge.

    Raises:
        NotAdded: malformed, for another challenge, origin or relying party, or known already.
        TooManyPasskeys: there are ten.
    """
    if len(of(identity_id)) >= MOST:
        raise TooManyPasskeys(f"identity {identity_id}")
    challenge = _taken_challenge(session_id)
    if challenge is None:
        raise NotAdded("no living challenge of this session")
    try:
        credential = parse_registration_credential_json(answer)
        made = verify_registration_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=host(), expected_origin=origin()
        )
    except MALFORMED as error:
        raise NotAdded(f"{type(error).__name__}: {error}") from error
    row = Passkey(
        identity_id=identity_id,
        public_id=secrets.token(),
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        transports=_transports(credential),
        name=name,
        created_at=clock.now(),
    )
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError as error:
        raise NotAdded("this credential is known already") from error
    return row


def request_options(identity_id: uuid.UUID, check_id: uuid.UUID) -> str:
    """What `navigator.credentials.get` needs, as JSON, with a new challenge for this check."""
    options = generate_authentication_options(
        rp_id=host(),
        challenge=_new_challenge(check_id),
        allow_credentials=[_descriptor(each) for each in of(identity_id)],
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return str(options_to_json(options))


def verify(identity_id: uuid.UUID, check_id: uuid.UUID, answer: str) -> strength.Shown | None:
    """What the browser's answer to this check's challenge shows. None: nothing of this identity's.

    Raises:
        Cloned: the signature is right, the counter is not.
    """
    challenge = _taken_challenge(check_id)
    try:
        credential = parse_authentication_credential_json(answer)
        row = _of_credential(identity_id, credential)
        if challenge is None or row is None:
            return None
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=host(),
            expected_origin=origin(),
            credential_public_key=row.public_key,
            credential_current_sign_count=0,  # the counter is compared below, once the signature is known to be right
        )
    except MALFORMED:
        return None
    if not _counted(row, verified):
        raise Cloned(row)
    return strength.passkey(synced=row.synced, user_verified=verified.user_verified)


def _counted(row: Passkey, verified: VerifiedAuthentication) -> bool:
    """Move the counter on. It must rise, but for authenticators that have none and always say zero (§6.1.1)."""
    new = verified.new_sign_count
    behind = (Passkey.sign_count < new) if new else (Passkey.sign_count == 0)
    moved = update(Passkey).where(Passkey.id == row.id, behind).values(sign_count=new, used_at=clock.now())
    return session().scalar(moved.returning(Passkey.id)) is not None


def _of_credential(identity_id: uuid.UUID, credential: AuthenticationCredential) -> Passkey | None:
    """The identity's passkey that answers; where the answer names its user, it names this one (§7.2 step 6)."""
    handle = credential.response.user_handle
    if handle and not secrets.same(handle, _user_handle(identity_id)):
        return None
    known = select(Passkey).where(Passkey.identity_id == identity_id, Passkey.credential_id == credential.raw_id)
    return session().scalar(known)


def _new_challenge(holder_id: uuid.UUID) -> bytes:
    """A challenge in place of the holder's earlier ones."""
    session().execute(delete(PasskeyChallenge).where(PasskeyChallenge.holder_id == holder_id))
    challenge = secrets.random_bytes(CHALLENGE_BYTES)
    expires_at = clock.now() + CHALLENGE_LIFE
    session().add(PasskeyChallenge(holder_id=holder_id, challenge=challenge, expires_at=expires_at))
    return challenge


def _taken_challenge(holder_id: uuid.UUID) -> bytes | None:
    """The holder's challenge, taken away at once and for good: a refusal that rolls back must still have used it."""
    with statements() as sql:
        row = sql.execute(_TAKE, (holder_id,)).fetchone()
    return bytes(row["challenge"]) if row is not None and row["expires_at"] > clock.now() else None


def _descriptor(row: Passkey) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(each) for each in row.transports]
    return PublicKeyCredentialDescriptor(id=row.credential_id, transports=transports or None)


def _transports(credential: RegistrationCredential) -> list[str]:
    return [AuthenticatorTransport(each).value for each in credential.response.transports or []]


def _user_handle(identity_id: uuid.UUID) -> bytes:
    return secrets.keyed(settings().keys.name_key, "passkey-user", str(identity_id))

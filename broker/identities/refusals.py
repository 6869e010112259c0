"""What every door refuses to an identity, whatever was proved."""

from broker.identities.models import Identity
from config.errors import Refusal


class Frozen(Refusal):
    """A change of address was taken back (SECURITY R4)."""

    code = "frozen"
    public = (
        "Par sécurité, cette adresse est bloquée : un changement d'adresse a été annulé. Pour retrouver l'accès, "
        "demandez un nouveau code à votre agence, puis ouvrez de nouveau le lien du mail "
        "« Votre adresse e-mail a changé »."
    )
    status = 409


class SecondProofMissing(Refusal):
    """The mailbox alone is not enough for this address (SECURITY R14)."""

    code = "second_proof_missing"
    public = (
        "Cet identifiant et ce mot de passe ne suffisent pas. Il faut ceux d'un nouvel appel de fonds : demandez un "
        "nouveau code à votre agence."
    )


class Closed(Refusal):
    """The person's erasure has begun: nobody changes their mind any more."""

    code = "closed"
    public = (
        "Ce compte a été supprimé à votre demande. Pour revenir, demandez de nouveaux codes à votre agence et associez "
        "votre compte de nouveau depuis votre espace client."
    )
    status = 410


def refuse_shut(identity: Identity) -> None:
    """Let nobody in by an identity that is shut, whatever was proved.

    Raises:
        Frozen, Closed: and what to do.
    """
    if identity.closed_at is not None:
        raise Closed(f"identity {identity.id}")
    if identity.frozen_at is not None:
        raise Frozen(f"identity {identity.id}")

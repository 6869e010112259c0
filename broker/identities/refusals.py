"""What every door refuses to an identity, whatever was proved."""

from config.errors import Refusal


class Frozen(Refusal):
    """A change of address was taken back (SECURITY R4), or the person's erasure has begun."""

    code = "frozen"
    public = (
        "Par sécurité, cette adresse est bloquée : un changement d'adresse a été annulé. Pour retrouver l'accès, demandez "
        "un nouveau code à votre agence, puis ouvrez de nouveau le lien du mail « Votre adresse e-mail a changé »."
    )
    status = 409


class SecondProofMissing(Refusal):
    """The mailbox alone is not enough for this address (SECURITY R14)."""

    code = "second_proof_missing"
    public = (
        "Cet identifiant et ce mot de passe ne suffisent pas. Il faut ceux d'un nouvel appel de fonds : demandez un "
        "nouveau code à votre agence."
    )

"""What the registry turns down, each with the words for the operator who asked."""

from config.errors import NotFound, Refusal


class UnknownPurpose(Refusal):
    """A purpose that is none of `PURPOSES`, or none at all where one is needed."""

    code = "unknown_purpose"
    public = "Cette finalité de confiance n'existe pas."


class LinkNotSymmetric(Refusal):
    """`link` was offered one way only: an identity that holds both accounts holds them both ways."""

    code = "link_not_symmetric"
    public = "La finalité « link » doit être accordée dans les deux sens."


class OneSide(Refusal):
    """Both sides are the same syndic."""

    code = "one_side"
    public = "Il faut deux syndics différents."


class DatesReversed(Refusal):
    """The end is not after the beginning."""

    code = "dates_reversed"
    public = "La date de fin doit suivre la date de début."


class Backdated(Refusal):
    """A membership would begin in the past: no trust is made up afterwards."""

    code = "backdated"
    public = "Une adhésion ne peut pas commencer dans le passé."


class Nameless(Refusal):
    """A document, a charter or a name is empty: nobody could find again what was agreed."""

    code = "nameless"
    public = "Une référence est obligatoire."


class UnknownSyndic(NotFound):
    """A side is no syndic of ours."""

    code = "unknown_syndic"
    public = "Ce syndic n'existe pas."


class UnknownAgreement(NotFound):
    """No such agreement."""

    code = "unknown_agreement"
    public = "Cet accord n'existe pas."


class UnknownCircle(NotFound):
    """No such circle."""

    code = "unknown_circle"
    public = "Ce cercle n'existe pas."


class NotItsSide(Refusal):
    """Whoever acts is not the side that may: the proposer accepting its own proposal, or a third."""

    code = "not_its_side"
    public = "Seul l'autre syndic peut faire cela."
    status = 403


class AlreadyAccepted(Refusal):
    """The agreement was accepted before."""

    code = "already_accepted"
    public = "Cet accord est déjà accepté."
    status = 409


class AlreadySuspended(Refusal):
    """The agreement is suspended."""

    code = "already_suspended"
    public = "Cet accord est suspendu."
    status = 409


class AlreadyEnded(Refusal):
    """The agreement has ended."""

    code = "already_ended"
    public = "Cet accord a pris fin."
    status = 409


class UnknownAdmission(Refusal):
    """A way of admission that is neither `operator` nor `each-member`."""

    code = "unknown_admission"
    public = "Ce mode d'admission n'existe pas."


class CircleExists(Refusal):
    """Another circle has that name."""

    code = "circle_exists"
    public = "Un cercle porte déjà ce nom."
    status = 409


class AlreadyMember(Refusal):
    """The syndic is, or will be, a member in that time."""

    code = "already_member"
    public = "Ce syndic est déjà membre du cercle."
    status = 409


class NotMember(Refusal):
    """The syndic is no member now."""

    code = "not_member"
    public = "Ce syndic n'est pas membre du cercle."
    status = 409


class AlreadyAsked(Refusal):
    """The syndic has asked to join, and waits for its admission."""

    code = "already_asked"
    public = "Ce syndic a déjà demandé à rejoindre le cercle."
    status = 409


class ConsentMissing(Refusal):
    """The newcomer has neither asked nor consented; or a member, where the circle admits by each member's consent."""

    code = "consent_missing"
    public = "Le syndic admis doit l'avoir demandé ou y consentir, et chaque membre du cercle si sa charte le veut."
    status = 409


class MembersConsent(Refusal):
    """An objection in a circle that admits nobody without each member's consent."""

    code = "members_consent"
    public = (
        "Ce cercle n'admet personne sans le consentement de chaque membre : refusez ce syndic, ou quittez le cercle."
    )
    status = 409


class AlreadyObjected(Refusal):
    """This side objects to the other already."""

    code = "already_objected"
    public = "Cette opposition est déjà en vigueur."
    status = 409


class NotObjected(Refusal):
    """There is no objection to withdraw."""

    code = "not_objected"
    public = "Aucune opposition n'est en vigueur."
    status = 409


class AlreadyDenied(Refusal):
    """This side denies the other already."""

    code = "already_denied"
    public = "Ce refus est déjà en vigueur."
    status = 409


class NotDenied(Refusal):
    """There is no denial to lift."""

    code = "not_denied"
    public = "Aucun refus n'est en vigueur."
    status = 409


class Unloadable(Refusal):
    """A trust file says what cannot be; `public` names every place. Nothing of it was loaded."""

    code = "unloadable_trust_file"
    public = "Le fichier de confiance n'est pas valable."

"""Why an attempt cannot go on. Each says to its owner what happened and what to do next."""

from config.errors import Refusal


class NoAttempt(Refusal):
    """This browser has no attempt under way."""

    code = "no_attempt"
    public = "Aucune association n'est en cours. Repartez de votre espace client avec vos identifiants habituels."


class WrongOrder(Refusal):
    """A step was asked for whose earlier steps are missing."""

    code = "wrong_order"
    public = "Il manque une étape. Reprenez l'association depuis le début, s'il vous plaît."


class LinkExpired(Refusal):
    """The mail's link is older than its life."""

    code = "link_expired"
    public = "Ce lien a expiré."
    status = 410


class LinkUsed(Refusal):
    """The attempt of this link has been confirmed."""

    code = "link_used"
    public = "Ce lien a déjà été utilisé."
    status = 410


class LinkVoid(Refusal):
    """The attempt of this link has ended, or there never was one: both answer alike."""

    code = "link_void"
    public = "Ce lien n'est plus valable."
    status = 410


class CodeVoid(Refusal):
    """Five wrong codes: only a new mail brings a new one."""

    code = "code_void"
    public = "Ce code n'est plus valable. Demandez un nouveau mail."
    status = 410


class ProofGone(Refusal):
    """This browser has no right to confirm (any more)."""

    code = "proof_gone"
    public = "Cette étape a pris fin. Ouvrez de nouveau le lien reçu par e-mail, s'il vous plaît."
    status = 410


class IdentityAppeared(Refusal):
    """Meanwhile the address got an identity by another attempt: its own password must be shown now."""

    code = "identity_appeared"
    public = "Cette adresse vient d'être associée. Saisissez son mot de passe pour continuer."
    status = 409


class NotPartners(Refusal):
    """The identity already holds an account at a syndic that does not let this one share it (JOURNEYS C2)."""

    code = "not_partners"
    public = (
        "Vos biens sont gérés par des syndics qui ne sont pas partenaires. "
        "Ce compte ne peut pas être rattaché à cette adresse."
    )
    status = 409


class AlreadyLinked(Refusal):
    """This account is already tied to this identity."""

    code = "already_linked"
    public = "Ce compte est déjà associé à cette adresse."
    status = 409


class LinkSuspended(Refusal):
    """This identity's access to the account was contested; an invitation does not undo that."""

    code = "link_suspended"
    public = "L'accès de cette adresse à ce compte est suspendu. Appelez votre agence."
    status = 409


class TooSoon(Refusal):
    """The last mail is less than a minute old."""

    code = "too_soon"
    public = "Le mail vient d'être envoyé. Attendez une minute avant d'en demander un autre."
    status = 429


class TooManyMails(Refusal):
    """Mail is not a weapon (SECURITY R15)."""

    code = "too_many_mails"
    public = (
        "Cette adresse a déjà reçu beaucoup de mails aujourd'hui. Cherchez-les dans « Courriers indésirables », "
        "ou réessayez demain."
    )
    status = 429


class BadAnnouncement(Refusal):
    """What an extranet announced cannot be begun; said to its server."""

    code = "invalid_request"


class AnnouncementGone(Refusal):
    """The page that an extranet sent the browser to leads nowhere (any more)."""

    code = "announcement_gone"
    public = "Cette demande a pris fin. Repartez de votre espace client, avec « Associer mon compte »."
    status = 410


class ContestExpired(Refusal):
    """The thirty days are over."""

    code = "contest_expired"
    public = "Ce lien a expiré."
    status = 410


class ContestUsed(Refusal):
    """It has been said already."""

    code = "contest_used"
    public = "Ce lien a déjà été utilisé."
    status = 410


class ContestVoid(Refusal):
    """There never was such a link, or what it was about has ended meanwhile: both answer alike."""

    code = "contest_void"
    public = "Ce lien n'est plus valable."
    status = 410


class ContestTried(Refusal):
    """Five wrong codes today."""

    code = "contest_tried"
    public = "Ce code a été saisi trop de fois. Réessayez demain, ou appelez votre agence."
    status = 429


class InvitationVoid(Refusal):
    """It was withdrawn or ended, or there never was one: all answer alike to whoever holds the link."""

    code = "invitation_void"
    public = "Ce lien n'est plus valable."
    status = 410


class InvitationUsed(Refusal):
    """It has become a link."""

    code = "invitation_used"
    public = "Ce lien a déjà été utilisé."
    status = 410


class InvitationExpired(Refusal):
    """The seven days are over."""

    code = "invitation_expired"
    public = "Ce lien a expiré."
    status = 410


class MayNotInvite(Refusal):
    """Only a holder whose own access stands invites, and none whose guest's access is in doubt."""

    code = "may_not_invite"
    public = "Vous ne pouvez pas inviter de co-titulaire pour ce compte. Appelez votre agence : elle peut vous aider."
    status = 403


class TooManyInvitations(Refusal):
    """Five are open for the account, or ten were sent today."""

    code = "too_many_invitations"
    public = "Trop d'invitations sont en cours. Annulez-en une, ou réessayez demain."
    status = 429


class AlreadyInvited(Refusal):
    """The same person has an open invitation to that address."""

    code = "already_invited"
    public = "Vous avez déjà invité cette adresse : son invitation est encore en cours."
    status = 409

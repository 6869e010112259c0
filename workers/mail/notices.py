"""What the mail says that tells a person of a change of their access, by the kind of the journal's entry."""

NOTICES: dict[str, dict[str, str]] = {
    "address.regained": {
        "fr": "Vous avez retrouvé l'accès à votre compte avec cette adresse, et un nouveau mot de passe a été choisi.",
        "en": "You have access to your account with this address again, and a new password was chosen.",
    },
    "erasure.asked": {
        "fr": "La suppression de votre compte a été demandée : elle aura lieu dans 30 jours. D'ici là, connectez-vous "
        "pour l'annuler.",
        "en": "The deletion of your account was asked for: it takes place in 30 days. Until then, sign in to call it "
        "off.",
    },
    "erasure.cancelled": {
        "fr": "La suppression de votre compte a été annulée : rien n'est supprimé.",
        "en": "The deletion of your account was called off: nothing is deleted.",
    },
    "password.changed": {
        "fr": "Le mot de passe de votre compte a été changé.",
        "en": "The password of your account was changed.",
    },
}

"""What the mail says that tells a person of a change of their access, by the kind of the journal's entry."""

NOTICES: dict[str, dict[str, str]] = {
    "password.reset": {
        "fr": "Un nouveau mot de passe a été choisi pour votre compte par « Mot de passe oublié ? ».",
        "en": "A new password was chosen for your account with “Forgotten password?”.",
    },
    "sessions.ended": {
        "fr": "Tous les appareils connectés à votre compte ont été déconnectés.",
        "en": "All devices that were signed in to your account were signed out.",
    },
    "password.changed": {
        "fr": "Le mot de passe de votre compte a été changé.",
        "en": "The password of your account was changed.",
    },
}

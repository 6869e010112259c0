"""What the mail says that tells a person of a change of their access, by the kind of the journal's entry."""

NOTICES: dict[str, dict[str, str]] = {
    "password.changed": {
        "fr": "Le mot de passe de votre compte a été changé.",
        "en": "The password of your account was changed.",
    },
}

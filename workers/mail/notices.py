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
    "address.regained": {
        "fr": "Vous avez retrouvé l'accès à votre compte avec cette adresse, et un nouveau mot de passe a été choisi.",
        "en": "You have access to your account with this address again, and a new password was chosen.",
    },
    "co-holder.invited": {
        "fr": "Une invitation à partager l'un de vos comptes a été envoyée. Ce n'était pas vous ? Annulez-la dans "
        "« Mes comptes », puis changez votre mot de passe.",
        "en": "An invitation to share one of your accounts was sent. It was not you? Cancel it in “My accounts”, then "
        "change your password.",
    },
    "co-holder.removed": {
        "fr": "Un co-titulaire que vous aviez invité a été retiré de l'un de vos comptes.",
        "en": "A co-holder whom you had invited was removed from one of your accounts.",
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
    "account.closed": {
        "fr": "Votre agence a fermé un compte qui était rattaché à votre adresse, par exemple après une vente : votre "
        "adresse ne l'ouvre plus. Vos autres comptes n'ont pas changé. Une question ? Appelez votre agence.",
        "en": "Your agency has closed an account that was attached to your address, for example after a sale: your "
        "address no longer opens it. Your other accounts have not changed. Any question? Call your agency.",
    },
    "account.detached": {
        "fr": "Un compte a été détaché de votre adresse : elle ne l'ouvre plus.",
        "en": "An account was detached from your address: it no longer opens it.",
    },
    "password.changed": {
        "fr": "Le mot de passe de votre compte a été changé.",
        "en": "The password of your account was changed.",
    },
    "factor.added": {
        "fr": "Une deuxième étape (clé d'accès ou application d'authentification) a été ajoutée à votre compte.",
        "en": "A second step (passkey or authenticator app) was added to your account.",
    },
    "factor.removed": {
        "fr": "Une deuxième étape (clé d'accès ou application d'authentification) a été retirée de votre compte.",
        "en": "A second step (passkey or authenticator app) was removed from your account.",
    },
    "factor.removed-by-operator": {
        "fr": "À votre demande, la plateforme a retiré la deuxième étape de votre compte : votre mot de passe suffit.",
        "en": "As you asked, the platform has removed the second step of your account: your password is enough.",
    },
    "factor.refused": {
        "fr": "Quelqu'un a saisi votre mot de passe, puis cinq codes faux à la deuxième étape.",
        "en": "Somebody typed your password, and then five wrong codes at the second step.",
    },
    "passkey.cloned": {
        "fr": "Une de vos clés d'accès a été refusée : il semble qu'il en existe une copie. Retirez-la du compte.",
        "en": "One of your passkeys was refused: it seems that there is a copy of it. Remove it from your account.",
    },
    "recovery.renewed": {
        "fr": "De nouveaux codes de récupération ont été créés. Les anciens ne fonctionnent plus.",
        "en": "New recovery codes were made. The former ones no longer work.",
    },
    "recovery.used": {
        "fr": "Un de vos codes de récupération a servi à vous connecter.",
        "en": "One of your recovery codes was used to sign in.",
    },
}

"""The questions of the protocol, and the pages of errors."""

from tests.broker.pages.gallery.state import CLIENT, HANDLE, State, neutral

STATES: dict[str, State] = {
    "consent": State(
        "oidc/consent.html",
        {"client": CLIENT, "scopes": ["openid", "profile", "email", "accounts", "offline_access"], "handle": HANDLE},
    ),
    "end-session": State("oidc/end_session.html", {"parameters": {"state": "s", "client_id": "c"}}),
    "start-again": State("oidc/start_again.html"),
    "error": neutral("error.html", message="Cette page n'existe pas."),
    "error-syndic": State("error.html", {"message": "Votre connexion a pris fin.", "again": "/elsewhere"}),
    **{
        f"error-{code}": neutral("error.html", message="Ce lien n'est plus valable.", code=code)
        for code in (
            "link_expired",
            "link_used",
            "link_void",
            "reset_void",
            "contest_expired",
            "contest_used",
            "contest_void",
            "invitation_expired",
            "invitation_used",
            "invitation_void",
        )
    },
}

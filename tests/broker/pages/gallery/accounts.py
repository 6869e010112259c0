"""« Mes comptes », « Gérer mes comptes », and going from one account to another."""

from typing import Any

from broker.account.listing import Accounts, Group
from broker.account.manage.service import Told as OfAccount
from broker.account.menu.choices import Choice as MenuChoice
from broker.association.endings import Fate
from broker.oidc.menu.switching import Target
from broker.web.pages import Failing
from tests.broker.pages.gallery.state import CLIENT, GROUPS, HANDLE, LONG_EMAIL, State, entry, neutral

TOO_LONG = Failing("name", "Ce nom est trop long : 60 caractères au plus.")
LONG_GROUPS = [
    Group(
        "Administration de biens et gestion des copropriétés du Grand-Sud-Ouest réunies",
        "grand-sud-ouest",
        "#1f4e8c",
        True,
        [entry("Résidence Saint-Barthélemy-des-Trois-Fontaines, bâtiment C, appartement 417 et place 12")],
    )
]
APART_GROUPS = [
    Group("Cabinet Mercier & Filles", "cabinet-mercier", "#b45309", True, [entry("Appartement")], ["Syndic du Port"]),
    Group("Syndic du Port", "syndic-du-port", "#fde047", False, [entry("Garage")], ["Cabinet Mercier & Filles"]),
    Group("Régie des Halles", "regie-des-halles", "#1f4e8c", True, [entry("Cave")], [], ["A", "B", "C", "D"]),
]
LOTS = [entry(f"Lot {number}", words=f"lot {number}") for number in range(8)]
MANY_GROUPS = [
    Group("Cabinet Mercier & Filles", "cabinet-mercier", "#b45309", True, LOTS),
    Group("Syndic du Port", "syndic-du-port", "#fde047", False, [entry("Bâtiment Œillet", words="batiment oeillet")]),
]


def managed(groups: list[Group], **values: Any) -> dict[str, Any]:
    """What « Mes comptes » and « Gérer mes comptes » show."""
    total = values.pop("total", sum(len(group.entries) for group in groups))
    wanted = values.pop("wanted", "")
    return {"accounts": Accounts(groups, total, wanted), "kept": {"iss": "https://i.example/t/x"}, **values}


def of_account(fate: Fate, **values: Any) -> OfAccount:
    """An account that is being detached."""
    usual = {"name": "Appartement rue des Lilas", "identifier": "…4317", "syndic_name": "Cabinet Mercier & Filles"}
    contact = {"phone": "01 23 45 67 89", "email": "accueil@cabinet-mercier.example"}
    rest = {"suspended": False, "last": False, "next": None, "contact": contact}
    return OfAccount(**{**usual, **rest, "fate": fate, **values})


SIGN_INS = [
    {"public_id": "a", "label": "Appartement rue des Lilas", "identifier": "10042317"},
    {"public_id": "b", "label": "", "identifier": "10040128"},
]
MENUS = [
    MenuChoice("mercier", "Cabinet Mercier & Filles", True, ["Syndic du Port", "Régie des Trois Tilleuls"]),
    MenuChoice("port", "Syndic du Port", False, []),
]
TARGET = Target("Appartement rue des Lilas", "Syndic du Port", "#content")
STATES: dict[str, State] = {
    "choose": State("oidc/choose.html", {"client": CLIENT, "accounts": SIGN_INS, "handle": HANDLE}),
    "account-opening": neutral("account/opening.html", address="#content"),
    "accounts": neutral("account/accounts.html", **managed(GROUPS), email="jeanne.dupont@orange.fr"),
    "accounts-long": neutral("account/accounts.html", **managed(LONG_GROUPS), email=LONG_EMAIL),
    "accounts-none": neutral("account/accounts.html", **managed([]), email="jeanne@orange.fr"),
    "accounts-apart": neutral("account/accounts.html", **managed(APART_GROUPS), email=LONG_EMAIL),
    "accounts-many": neutral("account/accounts.html", **managed(MANY_GROUPS), email=LONG_EMAIL),
    "accounts-found": neutral(
        "account/accounts.html", **managed(MANY_GROUPS[1:], total=9, wanted="œillet"), email=LONG_EMAIL
    ),
    "accounts-not-found": neutral("account/accounts.html", **managed([], total=9, wanted="lilas"), email=LONG_EMAIL),
    "manage": neutral("account/manage.html", **managed(GROUPS), done=None),
    "manage-done": neutral("account/manage.html", **managed(MANY_GROUPS), done="default"),
    "manage-renamed": neutral("account/manage.html", **managed(LONG_GROUPS), done="renamed"),
    "manage-none": neutral("account/manage.html", **managed([]), done=None),
    "rename": neutral("account/rename.html", name="Lilas", own="Appt 12", typed="Lilas", longest=60),
    "rename-wrong": neutral(
        "account/rename.html", name="…4317", own="…4317", typed="x" * 61, longest=60, alert=[TOO_LONG]
    ),
    "detach": neutral("account/detach.html", told=of_account("new-codes", next="…0128")),
    "detach-others": neutral("account/detach.html", told=of_account("others")),
    "detach-last": neutral("account/detach.html", told=of_account("former-codes", last=True)),
    "detached": neutral("account/detached.html", told=of_account("new-codes", name="…4317")),
    "detached-others": neutral("account/detached.html", told=of_account("others")),
    "detached-last": neutral("account/detached.html", told=of_account("former-codes", last=True, contact={})),
    "menu": neutral("account/menu/page.html", choices=MENUS),
    "menu-saved": neutral("account/menu/page.html", choices=MENUS, saved=True),
    "menu-one": neutral("account/menu/page.html", choices=MENUS[:1]),
    "switch-elsewhere": State("switching/elsewhere.html"),
    "switch-asks": State("switching/ask.html", {"target": TARGET, "token": "t0ken"}),
    "switch-gone": State("switching/gone.html"),
}

"""From a letter to a message: subject, text and HTML, in the reader's language."""

from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import cache
from hashlib import sha256
from pathlib import Path

import css_inline
import idna
from babel.dates import format_datetime as localised
from babel.dates import get_timezone
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from config import clock
from workers.mail.letter import Letter

LOCALES = ("fr", "en")
SUBJECTS = {
    "association_confirm": {
        "fr": "Confirmez votre adresse e-mail",
        "en": "Confirm your e-mail address",
    },
    "association_reminder": {
        "fr": "Votre accès à l'espace client évolue",
        "en": "Your access to the client area is changing",
    },
    "association_told": {
        "fr": "Votre accès à l'espace client a été rattaché à une adresse e-mail",
        "en": "Your client area access has been attached to an e-mail address",
    },
    "association_told_holder": {
        "fr": "Une autre personne a maintenant accès à l'un de vos comptes",
        "en": "Another person has access to one of your accounts now",
    },
    "association_contested": {
        "fr": "Un rattachement est contesté : l'accès est suspendu",
        "en": "An association is contested: the access is suspended",
    },
    "association_suspended": {
        "fr": "Votre accès à l'un de vos comptes est suspendu",
        "en": "Your access to one of your accounts is suspended",
    },
    "association_disputed": {
        "fr": "Un client dit n'avoir choisi aucune adresse e-mail",
        "en": "A client says that they chose no e-mail address",
    },
    "circle_admission": {
        "fr": "Un cercle dont vous êtes membre a admis un syndic",
        "en": "A circle that you belong to has admitted a property manager",
    },
    "account_released": {
        "fr": "Un compte a besoin d'un nouveau code",
        "en": "An account needs a new code",
    },
    "co_holder_invited": {
        "fr": "Une personne vous invite à partager un espace client",
        "en": "Somebody invites you to share a client area",
    },
    "co_holder_removed": {
        "fr": "Votre accès à un compte partagé a pris fin",
        "en": "Your access to a shared account has ended",
    },
    "account_notice": {"fr": "Un changement sur votre compte", "en": "A change of your account"},
    "password_reset": {"fr": "Réinitialisez votre mot de passe", "en": "Reset your password"},
    "password_reset_frozen": {"fr": "Réinitialisez votre mot de passe", "en": "Reset your password"},
    "address_confirm": {"fr": "Confirmez votre nouvelle adresse e-mail", "en": "Confirm your new e-mail address"},
    "address_known": {"fr": "Cette adresse e-mail est déjà utilisée", "en": "This e-mail address is already in use"},
    "address_changed": {"fr": "Votre adresse e-mail a changé", "en": "Your e-mail address has changed"},
    "address_reverted": {"fr": "Votre adresse e-mail est bloquée", "en": "Your e-mail address is blocked"},
    "password_reset_unknown": {"fr": "Réinitialisez votre mot de passe", "en": "Reset your password"},
}
PATTERNS = {"fr": "d MMMM y 'à' HH:mm", "en": "d MMMM y 'at' HH:mm"}


class UnwritableAddressError(Exception):
    """No mail can go to this address: it is malformed, or its local part is beyond ASCII (RFC 6531 is not spoken)."""


def compose(letter: Letter, key: str, sender: str) -> EmailMessage:
    """The whole message: `sender` is a From header's value, `key` what the Message-ID is made of.

    The same promise always gives the same Message-ID, so that a mailbox may drop a second copy. Nothing in it
    tells the sender that it was opened (no image, no remote style).

    Raises:
        UnwritableAddressError: no header can hold the letter's address.
    """
    locale = letter.locale if letter.locale in LOCALES else LOCALES[0]
    message = EmailMessage()
    message["From"] = sender
    message["To"] = Address(addr_spec=mailbox(letter.email))
    message["Subject"] = SUBJECTS[letter.template][locale]
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{sha256(key.encode()).hexdigest()[:40]}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no out-of-office answers
    message.set_content(render(letter, locale, "txt"), cte="quoted-printable")
    html = css_inline.CSSInliner(load_remote_stylesheets=False).inline(render(letter, locale, "html"))
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = locale  # after the bodies: setting those clears every Content header
    return message


def render(letter: Letter, locale: str, form: str) -> str:
    """The letter's body in one form, `txt` or `html`.

    Raises:
        jinja2.UndefinedError: the template wants a value that the letter lacks.
    """
    template = environment().get_template(f"{letter.template}.{locale}.{form}")
    subject = SUBJECTS[letter.template][locale]
    return template.render(letter.values | {"subject": subject, "locale": locale}).strip() + "\n"


def mailbox(typed: str) -> str:
    """The address as envelopes and headers have it: its domain in ASCII.

    Raises:
        UnwritableAddressError: it can be in neither.
    """
    local, _, domain = typed.rpartition("@")
    try:
        ascii_domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
        return Address(addr_spec=f"{local}@{ascii_domain}").addr_spec
    except (ValueError, IndexError, MessageError):
        raise UnwritableAddressError from None


@cache
def environment() -> Environment:
    """Where templates are found, and the filters that they may use."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(moment=_moment, grouped=_grouped)
    return made


@pass_context
def _moment(context: Context, at: datetime) -> str:
    """« 7 décembre 2026 à 14:05 », as clocks in France show it."""
    locale = context["locale"]
    return localised(at, PATTERNS[locale], tzinfo=get_timezone("Europe/Paris"), locale=locale)


def _grouped(code: str) -> str:
    """« 1234 5678 »: eight digits are read in two halves."""
    return f"{code[:4]} {code[4:]}"

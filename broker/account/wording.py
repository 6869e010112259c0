"""Words that several pages of « Mon compte » use: a device, a moment."""

from datetime import datetime

from flask_babel import format_datetime, gettext

from broker.web.user_agents import described


def device(user_agent: str) -> str:
    """« Chrome sur Windows », as far as the browser says it."""
    browser = described(user_agent)
    if browser.name and browser.system:
        return str(gettext("%(browser)s sur %(system)s", browser=browser.name, system=browser.system))
    if browser.name:
        return browser.name
    if browser.system:
        return str(gettext("Navigateur inconnu sur %(system)s", system=browser.system))
    return str(gettext("Navigateur inconnu"))


def moment(at: datetime) -> str:
    """« 3 mars 2027 à 14:05 », on the clocks of France."""
    pattern = gettext("d MMMM y 'à' HH:mm")
    return str(format_datetime(at, pattern))


def day(at: datetime) -> str:
    """« 3 mars 2027 »."""
    return str(format_datetime(at, "d MMMM y"))

"""Cookies: written and read here only, with the same protection for all (SECURITY « Cookies »)."""

from collections.abc import Mapping

from flask import Response, request

from config.settings import settings


def name(purpose: str) -> str:
    """The cookie's name: `__Host-` binds it to this very host, which needs https; loopback demos go without."""
    return f"__Host-trousseau_{purpose}" if settings().https else f"trousseau_{purpose}"


def read(purpose: str) -> str | None:
    """The cookie's value, if the browser sent one of a sane length."""
    return value(request.cookies, purpose)


def value(sent: Mapping[str, str], purpose: str) -> str | None:
    """The value among the cookies that were sent, if it is of a sane length."""
    found = sent.get(name(purpose))
    return found if found and len(found) <= 128 else None


def put(response: Response, purpose: str, secret: str, max_age_s: int | None = None) -> None:
    """Set a cookie; without `max_age_s` it ends with the browser."""
    response.set_cookie(
        name(purpose), secret, max_age=max_age_s, path="/", secure=settings().https, httponly=True, samesite="Lax"
    )


def drop(response: Response, purpose: str) -> None:
    """Make the browser forget it."""
    response.delete_cookie(name(purpose), path="/", secure=settings().https, httponly=True, samesite="Lax")

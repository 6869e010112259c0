"""What the launcher says on the terminal: little, and all of it for the person in front of it."""

from contextlib import suppress

from demo.layout import Layout
from demo.manifest import Facts

TEXT = """
The service runs at {broker}/ (the portal).

Sign in at an extranet with an identifier and the code of its letter:
{extranets}

These sign in with their e-mail and password, at the portal and at their syndics:
{identities}

Mails arrive at      {inbox}
For programs         {manifest}

Ctrl-C ends it."""


def say(text: str) -> None:
    """Print a line; a terminal that is gone does not matter."""
    with suppress(OSError):
        print(text, flush=True)


def where_to_click(layout: Layout, facts: Facts) -> str:
    """The addresses, with a sample identifier and code for each extranet."""
    return TEXT.format(
        broker=layout.broker,
        extranets="\n".join(_extranet(entry) for entry in facts["syndics"]),
        identities="\n".join(f"  {each['email']}   {each['password']}" for each in facts["identities"]),
        inbox=f"{layout.inbox}/",
        manifest=layout.folder / "manifest.json",
    )


def _extranet(entry: Facts) -> str:
    sample = next(account for account in entry["accounts"] if account["state"] == "active")
    return f"  {entry['extranet']}/  {sample['identifier']:<10} {sample['password']}  {entry['name']}"

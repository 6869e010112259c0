"""A person whose effort is counted: on any number of devices, with one mailbox or several."""

from dataclasses import dataclass

import httpx2
from bs4 import Tag

from tests.browser import Arrived, Browser, Page
from tests.world import World


@dataclass
class Effort:
    """What a journey has asked so far."""

    pages: int = 0
    """Pages of ours that were seen: what a redirect passes through is none, the same page with an error is one."""
    typed: int = 0
    optional: int = 0
    """Of the typed fields, those that could have stayed empty."""
    decisions: int = 0
    """Buttons pressed, links followed, boxes ticked."""
    mails: int = 0


class Seen(Page):
    """A page whose use is counted."""

    def __init__(self, device: "Device", response: httpx2.Response) -> None:
        super().__init__(device, response)
        self.effort = device.effort

    def follow(self, name: str) -> Page:
        """Click a link: one decision."""
        self.effort.decisions += 1
        return super().follow(name)

    def submit(self, button: str, **by_label: str) -> Page:
        """Type each field, tick each box, press the button: one decision more."""
        self.effort.decisions += 1
        for label, value in by_label.items():
            self._count(label, self.field(label), value)
        return super().submit(button, **by_label)

    def _count(self, label: str, field: Tag, value: str) -> None:
        if field.get("type") in {"checkbox", "radio"}:
            self.effort.decisions += 1
        elif value != field.get("value", ""):
            self.effort.typed += 1
            self.effort.optional += self.may_stay_empty(label)

    def may_stay_empty(self, label: str) -> bool:
        """Whether the page says that this field can be left out: B3's address, where the syndic knows one."""
        field = self.field(label)
        return "Laissez le champ vide" in self.text if field["name"] == "email" else "Facultatif" in _hint(field)


class Device(Browser):
    """One of the person's browsers."""

    def __init__(self, effort: Effort) -> None:
        super().__init__()
        self.effort = effort

    def _settle(self, response: httpx2.Response) -> Page:
        page = super()._settle(response)
        if isinstance(page, Arrived):
            return page
        assert page.heading, f"a person would see a page at {page.url}, there is none: {page.text[:200]}"
        self.effort.pages += 1
        return Seen(self, page.response)


class Person:
    """Somebody who walks a journey."""

    def __init__(self, world: World, *addresses: str) -> None:
        self.effort = Effort()
        self._world = world
        self._addresses = addresses
        self._had = self._received()

    def device(self) -> Device:
        """A browser that nobody has used before."""
        return Device(self.effort)

    def lets_mails_arrive(self) -> None:
        """Wait as long as mails take."""
        self._world.work()

    def opens_link(self, address: str, on: Device) -> Page:
        """Open the link of the newest mail on a device: a decision."""
        self.lets_mails_arrive()
        self.effort.decisions += 1
        return on.get(self._world.mailed_link(address))

    def reads_code(self, address: str) -> str:
        """The code of the newest mail, to be typed."""
        self.lets_mails_arrive()
        return self._world.mailed_code(address)

    def ends(self) -> Effort:
        """The journey is over: count the mails that it brought."""
        self.effort.mails = self._received() - self._had
        return self.effort

    def _received(self) -> int:
        return sum(len(self._world.mails_to(address)) for address in self._addresses)


def _hint(field: Tag) -> str:
    around = field.parent
    return around.get_text(" ") if around else ""

"""The post office of a fault test: keeps every mail by its reader, and has the moods that a fault gives it."""

import random
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

from tests.workers.post_office import PostOffice
from tests.world import CODE, LINK

BUSY, NOBODY = "451 4.3.0 try again later", "550 5.1.1 nobody of that name"


@dataclass(frozen=True)
class Moods:
    """How often, of all mails, which answer is given; `stall_s` is how long a stalled answer takes."""

    busy: float = 0.0
    refused: float = 0.0
    dropped: float = 0.0
    stalled: float = 0.0
    stall_s: float = 0.0


class Post(PostOffice):
    """A real SMTP server; its clients are the deployment's workers."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.by_reader: dict[str, list[EmailMessage]] = defaultdict(list)
        self.refused: set[str] = set()
        """Readers that were refused for good: whose owners cannot get on."""
        self._random = random.Random(seed)  # noqa: S311 - a seed makes a fault come again
        self._changed = threading.Condition()
        self._read = 0

    def moody(self, moods: Moods) -> None:
        """Answer like this from now on."""
        self.to_recipient = self._drawn({BUSY: moods.busy / 2, NOBODY: moods.refused})
        stall = {f"stall {moods.stall_s}": moods.stalled} if moods.stalled else {}
        self.to_text = self._drawn({BUSY: moods.busy / 2, "lose": moods.dropped, **stall})

    def calm(self) -> None:
        """Take every mail at once."""
        self.to_recipient = self.to_text = ""

    def mails_to(self, address: str) -> list[EmailMessage]:
        """What this reader has got, oldest first."""
        with self._changed:
            fresh, self._read = self.messages[self._read :], len(self.messages)
            for mail in fresh:
                self.by_reader[str(mail["To"])].append(mail)
            return list(self.by_reader[address])

    def codes(self, address: str) -> list[str]:
        """The typed codes of this reader's mails, oldest first."""
        return ["".join(found.groups()) for text in self._texts(address) if (found := CODE.search(text))]

    def links(self, address: str, kind: str) -> list[str]:
        """The links of one kind (`confirm`, `reset`) in this reader's mails, oldest first."""
        found = (LINK.search(text) for text in self._texts(address))
        return [each.group() for each in found if each and f"/{kind}/" in each.group()]

    def _texts(self, address: str) -> list[str]:
        bodies = (mail.get_body(("plain",)) for mail in self.mails_to(address))
        return [str(body.get_content()) for body in bodies if body is not None]

    def _drawn(self, chances: dict[str, float]) -> Iterator[str]:
        while True:
            number, taken = self._random.random(), ""
            for reply, chance in chances.items():
                number -= chance
                if number < 0:
                    taken = reply
                    break
            yield taken

"""Somebody with browsers: acts that are written down, answers that may be lost, and trying again until one comes."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2

from tests.browser import Arrived, Browser, Page
from tests.faults.history import Act, History
from tests.faults.post import Post
from tests.relying_party import RelyingParty
from tests.world import Account, TestSyndic

PAUSE_S = 0.25
"""Before she tries again."""
FIRST = "corbeau-lampe-tracteur-violon"
"""Her password; each owner's own number follows."""
_numbers = itertools.count(1)


class Lost(Exception):  # noqa: N818 - what became of it is unknown, and that is no error of ours
    """No answer came, or one that says that the service cannot answer now."""


class Away(Exception):  # noqa: N818 - the day is over
    """She has no more time."""


@dataclass
class Visitor:
    """One person with one account. `by_link`: she confirms on another device, by the mail's link."""

    syndic: TestSyndic
    account: Account
    email: str
    post: Post
    history: History
    by_link: bool = False
    ends_at: float = float("inf")
    began: bool = False
    associated: bool = False
    mistakes: int = 0
    """How often she has mistyped."""
    offline: str | None = None
    """The refresh token that she last got."""
    _tried: set[str] = field(default_factory=set)
    _down_since: float | None = None

    def __post_init__(self) -> None:
        """Each owner calls from a network of her own."""
        self.number = number = next(_numbers)
        self.password = f"{FIRST}-{number}"
        self.address = f"127.{1 + number // 250 % 250}.{number % 250}.1"
        self.extranet = httpx2.Client(timeout=30)
        """What her extranet calls the service with."""
        self._open: list[Browser] = []
        self.browser = self.opens()

    def opens(self) -> Browser:
        """One more browser of hers; all are closed when her day is over."""
        self._open.append(Browser(self.address))
        return self._open[-1]

    def closes(self) -> None:
        """Close all that is open."""
        self.extranet.close()
        for browser in self._open:
            browser.close()

    def _until(self, attempt: Callable[[], bool]) -> None:
        while True:
            if time.monotonic() > self.ends_at:
                raise Away
            try:
                if attempt():
                    return
            except (Lost, httpx2.TransportError) as lost:
                self._missed(lost)
            time.sleep(PAUSE_S)

    def _begin(self, browser: Browser, **extra: str) -> tuple[RelyingParty, Page]:
        try:
            party = RelyingParty(self.syndic, http=self.extranet)
        except (ValueError, KeyError) as broken:  # an error page where metadata were asked for
            raise Lost("no metadata") from broken
        return party, self._good(party.begin(browser, **extra))

    def _sent(self, act: Act, submit: Callable[[], Page]) -> Page:
        """An act is sent: no answer, or a 5xx, leaves it unknown."""
        try:
            return self._good(submit())
        except (Lost, httpx2.TransportError):
            self.history.ends(act, "unknown")
            raise

    def _told(self, act: Act, ask: Callable[[], httpx2.Response]) -> httpx2.Response:
        """The same for an extranet's own calls."""
        try:
            answer = ask()
        except httpx2.TransportError:
            self.history.ends(act, "unknown")
            raise
        if answer.status_code >= 500:
            self.history.ends(act, "unknown")
            raise Lost(f"{answer.status_code} {answer.text[:100]}")
        self._came()
        return answer

    def _good(self, page: Page) -> Page:
        if not isinstance(page, Arrived) and page.status >= 500:
            self.history.seen(page.status, page.text, page.response.headers.get("retry-after"))
            raise Lost(f"{page.status} {page.url.partition('?')[0].rpartition('/')[2]}")
        self._came()
        return page

    def _came(self) -> None:
        if self._down_since is not None:
            self.history.recovered(time.monotonic() - self._down_since)
            self._down_since = None

    def _missed(self, lost: Exception) -> None:
        if isinstance(lost, Lost) and str(lost) == "no mail yet":
            return
        self.history.failed(str(lost) if isinstance(lost, Lost) else type(lost).__name__)
        if self._down_since is None:
            self._down_since = time.monotonic()

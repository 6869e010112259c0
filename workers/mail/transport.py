"""How a mail leaves: SMTP (RFC 5321), over one connection that is kept for the next mail."""

import atexit
import smtplib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache

from workers.mail.relay import Server, server
from workers.mail.replies import Meaning, Step, meaning
from workers.outcomes import Retry

TIMEOUT_S = 10
TEXT_TIMEOUT_S = 30
"""For the answer to a whole mail: who gives up too early sends it twice (RFC 5321 §4.5.3.2.6)."""
IDLE_S = 60
"""After which a connection that nobody uses is ended: servers wait five minutes (§4.5.3.2.7), firewalls less."""
OK = (250, 251)


class Deferred(Retry):
    """The mail has not been taken, and may be later. The text is the server's answer, or why there is none."""


@dataclass(frozen=True)
class Answer:
    """The server's final word on one mail: taken, or refused for good (5xx), with its reply."""

    accepted: bool
    reply: str


@cache
def courier(url: str) -> "Courier":
    """This process's courier to that server. Made in a worker's child, so no two processes share a connection."""
    made = Courier(server(url))
    atexit.register(made.close)
    return made


class Courier:
    """A kept connection. It ends by itself when nobody has used it for `idle_s` seconds."""

    def __init__(self, to: Server, idle_s: float = IDLE_S) -> None:
        self._server = to
        self._idle_s = idle_s
        self._smtp: smtplib.SMTP | None = None
        self._used = 0.0
        self._timer: threading.Timer | None = None
        self._alone = threading.Lock()

    def send(self, sender: str, recipient: str, write: Callable[[], EmailMessage | None]) -> Answer | None:
        """Hand over one mail from and to these addresses (the envelope's).

        `write` makes it once the server has taken the recipient: for a mail that cannot leave now nothing secret is
        made. None where it makes none. What it raises is raised.

        Raises:
            Deferred: a reply that says « not now », or is about us and not about this mail; a connection that broke,
                or none.
        """
        with self._alone:
            smtp, answer = self._opened(), None
            try:
                answer = self._sent(smtp, sender, recipient, write)
            finally:
                if answer is None or not answer.accepted:
                    self._drop(smtp)  # a conversation that ended half-way is not gone on with
                else:
                    self._rest()
            return answer

    def close(self) -> None:
        """End the connection, if there is one."""
        with self._alone:
            self._leave()

    def _sent(
        self, smtp: smtplib.SMTP, sender: str, recipient: str, write: Callable[[], EmailMessage | None]
    ) -> Answer | None:
        with self._talking():
            answer = _asked(smtp, sender, recipient)
        if not answer.accepted:
            return answer
        message = write()
        if message is None:
            return None
        with self._talking():
            return _given(smtp, message.as_bytes(policy=SMTP))

    def _opened(self) -> smtplib.SMTP:
        """A connection that answers: a kept one that has dropped is replaced, once."""
        if self._smtp is not None and not _answers(self._smtp):
            self._drop(self._smtp)
        if self._smtp is None:
            with self._talking():
                self._smtp = self._connected()
        return self._smtp

    def _connected(self) -> smtplib.SMTP:
        to = self._server
        context = ssl.create_default_context() if to.tls or to.starttls else None
        if to.tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(to.host, to.port, timeout=TIMEOUT_S, context=context)
        else:
            smtp = smtplib.SMTP(to.host, to.port, timeout=TIMEOUT_S)
        try:
            self._greet(smtp, context)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _greet(self, smtp: smtplib.SMTP, context: ssl.SSLContext | None) -> None:
        if self._server.starttls:
            smtp.starttls(context=context)  # raises where the server offers none: nothing is ever sent in clear then
        smtp.ehlo_or_helo_if_needed()
        if self._server.user:
            smtp.login(self._server.user, self._server.password)

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """Whatever breaks a conversation defers the mail."""
        try:
            yield
        except (OSError, smtplib.SMTPException) as error:
            raise Deferred(self._said(error)) from None

    def _said(self, error: Exception) -> str:
        """What to tell of a failed conversation. Never the commands of our side, nor an answer that repeats them."""
        if isinstance(error, smtplib.SMTPResponseException):
            said = _text(error.smtp_code, error.smtp_error)
            return said.replace(self._server.password, "…") if self._server.password else said
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"no answer: the certificate is not good: {error.verify_message}"
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return "no answer: the server offers no STARTTLS, or no way to authenticate that we know"
        if isinstance(error, OSError) and error.strerror:
            return f"no answer: {error.strerror}"
        return f"no answer: {type(error).__name__}"

    def _rest(self) -> None:
        self._used = time.monotonic()
        if self._timer is None:
            self._look_again(self._idle_s)

    def _look_again(self, after_s: float) -> None:
        self._timer = threading.Timer(after_s, self._look)
        self._timer.daemon = True
        self._timer.start()

    def _look(self) -> None:
        with self._alone:
            self._timer = None
            left = self._used + self._idle_s - time.monotonic()
            if self._smtp is None:
                return
            if left > 0:
                self._look_again(left)
            else:
                self._leave()

    def _leave(self) -> None:
        """End the conversation as the protocol wants it (RFC 5321 §4.1.1.10)."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._drop(self._smtp)

    def _drop(self, smtp: smtplib.SMTP) -> None:
        smtp.close()
        self._smtp = None


def _answers(smtp: smtplib.SMTP) -> bool:
    try:
        return smtp.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _asked(smtp: smtplib.SMTP, sender: str, recipient: str) -> Answer:
    """The server's word on the recipient. One against the sender is about us: a wrong setting must lose no mail."""
    code, reply = smtp.mail(sender)
    if code not in OK:
        raise Deferred(_text(code, reply))
    return _judged(Step.RECIPIENT, *smtp.rcpt(recipient))


def _given(smtp: smtplib.SMTP, text: bytes) -> Answer:
    assert smtp.sock is not None  # noqa: S101 - it has just answered
    smtp.sock.settimeout(TEXT_TIMEOUT_S)
    try:
        code, reply = smtp.data(text)
    except smtplib.SMTPDataError as refused:  # the server did not even want to see the text
        code, reply = refused.smtp_code, _bytes(refused.smtp_error)
    if smtp.sock is not None:
        smtp.sock.settimeout(TIMEOUT_S)
    return _judged(Step.TEXT, code, reply)


def _judged(step: Step, code: int, reply: bytes) -> Answer:
    told = meaning(step, code, reply.decode("utf-8", "replace"))
    if told is Meaning.LATER:
        raise Deferred(_text(code, reply))
    return Answer(accepted=told is Meaning.TAKEN, reply=_text(code, reply))


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _text(code: int, reply: bytes | str) -> str:
    return f"{code} {_bytes(reply).decode('utf-8', 'replace')}"[:500]

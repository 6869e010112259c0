"""How a mail leaves: SMTP (RFC 5321), over one connection that is kept for the next mail."""

import atexit
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

from config.settings import SettingsError
from workers.outcomes import Retry

TIMEOUT_S = 10
OK = (250, 251)


class Deferred(Retry):
    """The mail has not been taken, and may be later. The text is the server's answer, or why there is none."""


@dataclass(frozen=True)
class Answer:
    """The server's final word on one mail: taken, or refused for good (5xx), with its reply."""

    accepted: bool
    reply: str


@dataclass(frozen=True)
class Server:
    """Where mails are handed over."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    starttls: bool
    tls: bool


def server(url: str) -> Server:
    """Read `smtp://[user:password@]host[:port][?starttls=1]`, or `smtps://…` for TLS from the first byte.

    Raises:
        SettingsError: it is no such address.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == 0:
        raise SettingsError("TROUSSEAU_SMTP_URL must look like smtp://[user:password@]host:port[?starttls=1]")
    tls, starttls = parts.scheme == "smtps", parse_qs(parts.query).get("starttls") == ["1"]
    default = 465 if tls else 587 if starttls else 25
    return Server(
        parts.hostname, port or default, unquote(parts.username or ""), unquote(parts.password or ""), starttls, tls
    )


@cache
def courier(url: str) -> "Courier":
    """This process's courier to that server. Made in a worker's child, so no two processes share a connection."""
    made = Courier(server(url))
    atexit.register(made.close)
    return made


class Courier:
    """A kept connection. Not for several threads at once."""

    def __init__(self, to: Server) -> None:
        self._server = to
        self._smtp: smtplib.SMTP | None = None

    def ready(self) -> None:
        """Make sure that the server answers: a kept connection that has dropped is replaced, once.

        Raises:
            Deferred: it does not answer, or does not let us in.
        """
        self._open()

    def send(self, message: EmailMessage) -> Answer:
        """Hand over one mail to the address in its To header.

        A 5xx to the recipient or to the text is final. One to the sender is about us, so the mail must wait.

        Raises:
            Deferred: a 4xx, a refused sender, a connection that broke, or none.
        """
        smtp = self._open()
        answer = None
        try:
            answer = _hand_over(smtp, message)
        except (OSError, smtplib.SMTPException) as error:
            raise Deferred(_said(error)) from None
        finally:
            if answer is None or not answer.accepted:
                self.close()  # a conversation that ended half-way is not gone on with
        return answer

    def _open(self) -> smtplib.SMTP:
        if self._smtp is None or not _answers(self._smtp):
            self.close()
            try:
                self._smtp = self._connected()
            except (OSError, smtplib.SMTPException) as error:
                raise Deferred(_said(error)) from None
        return self._smtp

    def close(self) -> None:
        """Drop the connection, if there is one."""
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

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
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if self._server.user:
            smtp.login(self._server.user, self._server.password)


def _answers(smtp: smtplib.SMTP) -> bool:
    try:
        return smtp.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage) -> Answer:
    code, reply = smtp.mail(parseaddr(message["From"])[1])
    if code not in OK:
        raise Deferred(_text(code, reply))
    code, reply = smtp.rcpt(message["To"].addresses[0].addr_spec)
    if code in OK:
        code, reply = _data(smtp, message.as_bytes(policy=SMTP))
    if code not in OK and not 500 <= code <= 599:
        raise Deferred(_text(code, reply))
    return Answer(accepted=code in OK, reply=_text(code, reply))


def _data(smtp: smtplib.SMTP, text: bytes) -> tuple[int, bytes]:
    try:
        return smtp.data(text)
    except smtplib.SMTPDataError as refused:  # the server did not even want to see the text
        return refused.smtp_code, bytes(refused.smtp_error) if isinstance(refused.smtp_error, bytes) else b""


def _text(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{code} {text}"[:500]


def _said(error: Exception) -> str:
    """What to tell of a failed conversation. Never the commands of our side: one of them is the password."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _text(error.smtp_code, error.smtp_error)
    if isinstance(error, OSError) and error.strerror:
        return f"no answer: {error.strerror}"
    return f"no answer: {type(error).__name__}"

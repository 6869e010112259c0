"""Notices as mail servers write them: of a failed delivery (RFC 3464), of a complaint (RFC 5965), or neither."""

from collections.abc import Sequence

GONE = "smtp; 550 5.1.1 <a.martin@example.org>: no such user here"


def failed(
    to: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = GONE,
    groups: Sequence[tuple[str, str]] = (),
    report_type: str = "delivery-status",
) -> bytes:
    """A notice of delivery that came to the address `to`; `groups`: (action, status) of several recipients."""
    recipients = "\r\n".join(
        f"Final-Recipient: rfc822; a.martin@example.org\r\nAction: {each[0]}\r\nStatus: {each[1]}\r\n"
        f"Diagnostic-Code: {diagnostic}\r\n"
        for each in groups or [(action, status)]
    )
    return _report(
        to, report_type, "message/delivery-status", f"Reporting-MTA: dns; mx.example.org\r\n\r\n{recipients}"
    )


def complaint(to: str, *, kind: str = "abuse", mailed_from: str = "") -> bytes:
    """A report of a reader who did not want a mail; `mailed_from`: the envelope's sender of that mail."""
    fields = f"Feedback-Type: {kind}\r\nUser-Agent: Provider/1.0\r\nVersion: 1\r\n"
    fields += f"Original-Mail-From: <{mailed_from}>\r\n" if mailed_from else ""
    return _report(to, "feedback-report", "message/feedback-report", fields)


def plain(to: str, subject: str, body: str) -> bytes:
    """A message that a person or a program wrote: an answer, a challenge, a forwarded notice."""
    head = f"From: somebody@example.org\r\nTo: {to}\r\nSubject: {subject}\r\nAuto-Submitted: auto-replied\r\n"
    return f"{head}Content-Type: text/plain\r\n\r\n{body}\r\n".encode()


def _report(to: str, report_type: str, part_type: str, fields: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example.org\r\n"
        f"To: {to}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type={report_type}; boundary="edge"\r\n'
        "\r\n"
        "--edge\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n\r\n"
        f"--edge\r\nContent-Type: {part_type}\r\n\r\n{fields}\r\n"
        "--edge\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: Confirmez votre adresse e-mail\r\n\r\n--edge--\r\n"
    ).encode()

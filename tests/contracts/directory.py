"""A syndic's directory: a real slapd of Debian's packages, as a plain process of ours, on a port of this machine."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.config.outgoing.test_guarded_calls import certificate
from tests.run import SLAPD

BASE, PEOPLE = "dc=lilas,dc=example", "ou=people,dc=lilas,dc=example"
ADMIN, ADMIN_PASSWORD = f"cn=admin,{BASE}", "Admin-2026-lilas"
SERVICE, SERVICE_PASSWORD = f"cn=trousseau,{BASE}", "Service-2026-lilas"
POLICY = f"cn=policy,{BASE}"
HOST = "directory.example"
MODIFIED = 0x67
CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
allow bind_anon_cred bind_anon_dn
modulepath /usr/lib/ldap
moduleload back_mdb.la
moduleload ppolicy.la
pidfile {folder}/slapd.pid
TLSCertificateFile {folder}/certificate.pem
TLSCertificateKeyFile {folder}/certificate.pem
database mdb
suffix "{base}"
rootdn "{admin}"
rootpw {password}
directory {folder}/data
overlay ppolicy
ppolicy_default "{policy}"
access to attrs=userPassword by dn="{service}" =w by anonymous auth by * none
access to * by dn="{service}" write by * none
"""
FIRST = f"""dn: {BASE}
objectClass: dcObject
objectClass: organization
o: Lilas
dc: lilas

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: {SERVICE}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: trousseau
userPassword: {SERVICE_PASSWORD}

dn: {POLICY}
objectClass: device
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdLockout: TRUE

"""


@dataclass(frozen=True)
class Directory:
    """A running slapd, and what its administrators do there. Every entry is removed by `empty`."""

    port: int
    tls_port: int
    folder: Path

    @property
    def url(self) -> str:
        """Its address, in clear: it is on this machine."""
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def ca(self) -> str:
        """What its certificate is checked with."""
        return (self.folder / "certificate.pem").read_text().partition("-----END PRIVATE KEY-----\n")[2]

    def add(self, identifier: str, secret: str, **facts: str) -> None:
        """Give an account out, under a name that says nothing of it."""
        told = {"cn": "M. et Mme Lefèvre", "sn": "-", "uid": identifier, "userPassword": secret, **facts}
        lines = "".join(f"{name}:: {_encoded(value)}\n" for name, value in told.items() if value)
        ldif = f"dn: employeeNumber={os.urandom(8).hex()},{PEOPLE}\nobjectClass: inetOrgPerson\n{lines}"
        number = re.findall(r"employeeNumber=(\w+)", ldif)[0]
        self._run("ldapadd", ldif + f"employeeNumber: {number}\n")

    def change(self, identifier: str, attribute: str, value: str | None) -> None:
        """Replace an attribute's values by one, or by none."""
        held = f"{attribute}:: {_encoded(value)}\n" if value else ""
        for name in self.names(identifier):
            self._run("ldapmodify", f"dn: {name}\nchangetype: modify\nreplace: {attribute}\n{held}-\n")

    def read(self, identifier: str, attribute: str) -> list[str]:
        """An attribute's values, as the administrators see them."""
        told = self._search(identifier, attribute)
        return re.findall(rf"^{attribute}: (.*)$", told, re.MULTILINE | re.IGNORECASE)

    def opens(self, identifier: str, secret: str) -> bool:
        """Whether the directory itself takes the secret."""
        argv = ["ldapwhoami", "-x", "-H", self.url, "-D", self.names(identifier)[0], "-w", secret]
        return subprocess.run(argv, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own words

    def empty(self) -> None:
        """Remove all accounts."""
        names = re.findall(r"^dn: (employeeNumber=.*)$", self._search("*", "dn"), re.MULTILINE)
        if names:
            self._run("ldapmodify", "".join(f"dn: {name}\nchangetype: delete\n\n" for name in names))

    def names(self, identifier: str) -> list[str]:
        """The names of an account's entries."""
        return re.findall(r"^dn: (.*)$", self._search(identifier, "dn"), re.MULTILINE)

    def _search(self, identifier: str, attribute: str) -> str:
        wanted = "".join(f"\\{byte:02x}" for byte in identifier.encode()) if identifier != "*" else "*"
        options = ["-o", "ldif-wrap=no", "-LLL", "-b", PEOPLE, f"(uid={wanted})", attribute]
        return self._run("ldapsearch", "", *options)

    def _run(self, program: str, ldif: str, *options: str) -> str:
        argv = [program, "-x", "-H", self.url, "-D", ADMIN, "-w", ADMIN_PASSWORD, *options]
        done = subprocess.run(argv, input=ldif, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        assert done.returncode == 0, f"{program}: {done.stderr} {ldif}"
        return done.stdout


@contextmanager
def running() -> Iterator[Directory]:
    """Start a directory with nobody in it; stop it at the end."""
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of our own below it
    folder = Path(tempfile.mkdtemp(prefix="trousseau-slapd-", dir=memory))
    try:
        with contextlib.ExitStack() as stack:
            yield stack.enter_context(_started(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(folder: Path) -> Iterator[Directory]:
    (folder / "data").mkdir()
    certificate(HOST, folder)
    whose = {
        "base": BASE,
        "admin": ADMIN,
        "password": ADMIN_PASSWORD,
        "service": SERVICE,
        "folder": folder,
        "policy": POLICY,
    }
    (folder / "slapd.conf").write_text(CONFIGURATION.format(**whose))
    directory = Directory(free_port(), free_port(), folder)
    addresses = f"{directory.url}/ ldaps://127.0.0.1:{directory.tls_port}/"
    argv = [SLAPD, "-f", str(folder / "slapd.conf"), "-h", addresses, "-d", "0"]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:  # noqa: S603 - as above
        try:
            _await(directory, process)
            directory._run("ldapadd", FIRST)
            yield directory
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


def _await(directory: Directory, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 20
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", directory.port), 1):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            told = process.stderr.read().decode() if process.stderr and process.poll() is not None else ""
            raise AssertionError(f"slapd does not start: {told}")
        time.sleep(0.02)


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class Canned:
    """A port that gives these answers, one to each message that comes, whatever it says; then it says nothing more.

    None: it hangs up there. `heard` is all that came in.
    """

    def __init__(self, *answers: bytes | None) -> None:
        self._answers = answers
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.heard = b""
        self.calls = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Canned":
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listening.accept()
                self.calls += 1
                threading.Thread(target=self._answer, args=(caller,), daemon=True).start()

    def _answer(self, caller: socket.socket) -> None:
        with suppress(OSError), caller:
            for answer in self._answers:
                self.heard += caller.recv(65536)
                if answer is None:
                    return
                caller.sendall(answer)
            while data := caller.recv(65536):
                self.heard += data


def _encoded(value: str) -> str:
    from base64 import b64encode

    return b64encode(value.encode()).decode()


class LosingAnswers:
    """Stands before a directory and passes everything on, but not its answers to changes: it hangs up instead."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.lost = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more calls."""
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listening.accept()
                behind = socket.create_connection(("127.0.0.1", self._behind))
                threading.Thread(target=self._pass_on, args=(caller, behind), daemon=True).start()
                threading.Thread(target=self._pass_back, args=(behind, caller), daemon=True).start()

    def _pass_on(self, caller: socket.socket, behind: socket.socket) -> None:
        with suppress(OSError):
            while data := caller.recv(65536):
                behind.sendall(data)
            behind.shutdown(socket.SHUT_WR)

    def _pass_back(self, behind: socket.socket, caller: socket.socket) -> None:
        with suppress(OSError), behind, caller:
            while data := behind.recv(65536):
                if len(data) > 5 and data[5] == MODIFIED:
                    self.lost += 1
                    caller.shutdown(socket.SHUT_RDWR)
                    return
                caller.sendall(data)

"""Promises of the guarded client on real sockets: the address that was checked is the one that is called."""

import datetime
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.outgoing import transport
from config.settings import settings
from tenants.legacy.connectors.breaker import Breaker
from tenants.legacy.connectors.contract import SourceUnavailable
from tenants.legacy.connectors.http import HttpConnector
from tenants.legacy.connectors.signing import Signer, make_key
from tests.contracts.syndic_service import Person, SyndicService

RIGHT = "Lilas-2026"
HOST = "source.example"


@dataclass
class Secured:
    """A syndic's service behind TLS, for one name."""

    service: SyndicService
    trusting: ssl.SSLContext
    names_asked: list[str]


def certificate(name: str, folder: Path) -> Path:
    """A self-signed certificate with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / "certificate.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(params=[HOST])
def secured(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Secured]:
    pem = certificate(request.param, tmp_path)
    serving, asked = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), []
    serving.load_cert_chain(pem)
    serving.sni_callback = lambda _socket, name, _context: asked.append(name or "")
    with SyndicService(tls=serving, name=HOST) as service:
        service.people["AB10042"] = Person(RIGHT, "Zoé", None, "")
        yield Secured(service, ssl.create_default_context(cafile=pem), asked)


def connector(secured: Secured, *answers: str) -> HttpConnector:
    """A connector whose names are resolved to these addresses, one after the other."""
    key, queue = make_key(), list(answers)
    secured.service.trusts = {"keys": [key.public_jwk]}
    client = transport.make_client(lambda _host, _port: [queue.pop(0)], secured.trusting, timeout_s=1)
    signer = Signer("https://broker.example/t/lilas", secured.service.base_url, key.key_id, key.sealed)
    return HttpConnector(secured.service.base_url, signer, Breaker(), client)


def test_the_checked_address_is_called_under_the_registered_name(secured: Secured) -> None:
    called = connector(secured, "127.0.0.1")
    with called.client:
        assert called.verify("AB10042", RIGHT) is not None, f"{secured.service.refusals}"
    assert secured.names_asked == [HOST], "the TLS handshake must name the registered host"
    assert secured.service.headers[0]["host"] == f"{HOST}:{secured.service.port}"


def test_a_name_is_resolved_once_for_the_check_and_the_call(secured: Secured) -> None:
    called = connector(secured, "127.0.0.1", "10.0.0.1")
    with called.client:
        assert called.verify("AB10042", RIGHT) is not None, "a second resolution would lead to the forbidden address"


def test_a_name_that_leads_inside_is_never_called(secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TROUSSEAU_OUTGOING_ALLOWED", "")
    settings.cache_clear()
    called = connector(secured, "127.0.0.1")
    with called.client, pytest.raises(SourceUnavailable, match="no address that may be called"):
        called.verify("AB10042", RIGHT)
    monkeypatch.undo()
    settings.cache_clear()
    assert secured.service.requests == []
    assert secured.names_asked == [], "not even a handshake may take place"


@pytest.mark.parametrize("secured", ["other.example"], indirect=True)
def test_a_certificate_for_another_name_is_not_trusted(secured: Secured) -> None:
    called = connector(secured, "127.0.0.1")
    with called.client, pytest.raises(SourceUnavailable, match="certificate"):
        called.verify("AB10042", RIGHT)
    assert secured.service.requests == []


def test_the_proxies_of_the_environment_are_not_used(secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    called = connector(secured, "127.0.0.1")
    with called.client:
        assert called.verify("AB10042", RIGHT) is not None, "a proxy would resolve the name behind the guard's back"


def test_a_secret_is_never_sent_in_clear_to_another_machine(secured: Secured) -> None:
    called = connector(secured, "127.0.0.1")
    plain = HttpConnector(f"http://{HOST}:{secured.service.port}", called.signer, Breaker(), called.client)
    with called.client, pytest.raises(SourceUnavailable, match="https"):
        plain.verify("AB10042", RIGHT)
    assert secured.service.requests == []

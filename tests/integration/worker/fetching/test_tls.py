"""TLS certificates are checked for the name, although the connection is to a checked address."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gala.errors import FetchFailed
from gala.net.urls import DEFAULT_PORTS
from tests.integration.worker.fetching.conftest import OUTSIDE, MakeFetcher, Resolver

NAME = "video.example"


class Secured:
    """A server with a self-signed certificate; it records the SNI names and requests."""

    def __init__(self, certificate: Path):
        self.names: list[str | None] = []
        self.requests: list[bytes] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self._context = context
        self._server = socket.create_server((OUTSIDE, 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                connection.settimeout(20)
                with suppress(OSError), self._context.wrap_socket(connection, True) as secured:
                    self.requests.append(secured.recv(65536))
                    secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a key and a self-signed certificate for the name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "video.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(pem))
    return path


@pytest.fixture
def secured(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Secured]:
    """The server, on the port that is the default here."""
    server = Secured(certificate)
    monkeypatch.setitem(DEFAULT_PORTS, "https", server.port)
    yield server
    server.close()


@pytest.fixture
def trusting(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the server's certificate."""
    context = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr("gala_worker.http_fetch.exchange.tls", lambda: context)


@pytest.mark.usefixtures("trusting")
def test_the_name_is_asked_for_and_its_certificate_checked(
    secured: Secured, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    fetcher = make_fetcher(resolve=Resolver([OUTSIDE]))
    assert fetcher.fetch(f"https://{NAME}/a", tmp_path / "a").path.read_bytes() == b"secret"
    assert secured.names == [NAME]
    assert f"host: {NAME}\r\n".encode() in secured.requests[0].lower()


@pytest.mark.usefixtures("trusting")
def test_another_names_certificate_is_refused_before_anything_is_asked(
    secured: Secured, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    fetcher = make_fetcher(resolve=Resolver([OUTSIDE]))
    with pytest.raises(FetchFailed) as caught:
        fetcher.fetch("https://other.example/a?token=secret", tmp_path / "a")
    assert caught.value.details["rule"] == "certificate"
    assert "secret" not in str(caught.value)
    assert secured.requests == []


def test_a_certificate_that_nobody_vouches_for_is_refused(
    secured: Secured, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    fetcher = make_fetcher(resolve=Resolver([OUTSIDE]))
    with pytest.raises(FetchFailed) as caught:
        fetcher.fetch(f"https://{NAME}/a", tmp_path / "a")
    assert (caught.value.details["rule"], caught.value.retryable) == ("certificate", False)
    assert secured.requests == []

"""A company's own system on this machine: it writes down what it is asked, and answers as a test says."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Play = Callable[[socket.socket], None]


def http(
    body: bytes | str, *, status: str = "200 OK", type_: str = "application/json", more: str = ""
) -> bytes:
    sent = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: {type_}\r\nContent-Length: {len(sent)}\r\n{more}\r\n"
    return head.encode() + sent


def says(**told: object) -> bytes:
    return http(json.dumps(told))


@dataclass(kw_only=True)
class System:
    """`play`: what it sends after it was asked, or what it does with the connection."""

    host: str = "127.0.0.1"
    port: int = 0
    scheme: str = "http"
    play: bytes | Play = b""
    asked: list[tuple[bytes, dict[str, str], bytes]] = field(
        default_factory=list
    )  # first line, headers, body
    gone: threading.Event = field(default_factory=threading.Event)  # the one who asked has left

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.name}/calor?of=line"

    def drip(self, first: bytes, drop: bytes, last: bytes) -> None:
        """After `first`, `drop` again and again until the other side has left; who stays for 4 s gets an answer with `last`."""

        def play(conn: socket.socket) -> None:
            conn.sendall(first)
            for _ in range(200):
                if self.gone.wait(0.02):
                    return
                conn.sendall(drop)
            conn.sendall(last)

        self.play = play

    def serve(self, conn: socket.socket) -> None:
        with contextlib.closing(conn), contextlib.suppress(OSError):
            file = conn.makefile("rb")
            first = file.readline()
            if not first:  # they only looked
                return
            headers = {}
            while line := file.readline().strip():
                key, _, value = line.decode().partition(": ")
                headers[key.lower()] = value
            self.asked.append((first, headers, file.read(int(headers.get("content-length", 0)))))
            try:
                if callable(self.play):
                    self.play(conn)
                else:
                    conn.sendall(self.play)
            except OSError:
                self.gone.set()


@contextlib.contextmanager
def system(tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[System]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = System(host=host, port=listening.getsockname()[1], scheme="https" if tls else "http")

        def one(conn: socket.socket) -> None:
            if tls is not None:
                try:
                    conn = tls.wrap_socket(conn, server_side=True)
                except OSError:  # who asked does not trust us
                    conn.close()
                    return
            made.serve(conn)

        def run() -> None:
            while True:
                try:
                    conn, _ = listening.accept()
                except OSError:  # the test is over
                    return
                threading.Thread(target=one, args=(conn,), daemon=True).start()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield made
        made.gone.set()
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, Path]:
    """A server's side with these names, and the file of the authority that vouches for it."""
    key, authority_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Our authority")])
    now = datetime.now(UTC)  # noqa: TID251 - certificates are of real time

    def made(
        subject: x509.Name, public: ec.EllipticCurvePublicKey, more: x509.ExtensionType
    ) -> x509.Certificate:
        own = x509.SubjectKeyIdentifier.from_public_key(public)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(more, critical=isinstance(more, x509.BasicConstraints))
            .add_extension(own, critical=False)
            .add_extension(issuer, critical=False)
            .sign(authority_key, hashes.SHA256())
        )

    called: list[x509.GeneralName] = [
        x509.IPAddress(ip_address(n)) if n[0].isdigit() else x509.DNSName(n) for n in names
    ]
    of_server = made(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Their system")]),
        key.public_key(),
        x509.SubjectAlternativeName(called),
    )
    of_authority = made(
        authority, authority_key.public_key(), x509.BasicConstraints(ca=True, path_length=None)
    )
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "server.pem").write_bytes(key.private_bytes(pem, pkcs8, plain) + of_server.public_bytes(pem))
    (folder / "authority.pem").write_bytes(of_authority.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, folder / "authority.pem"

"""A little OpenID Connect provider, somebody else's: it knows the app by HTTP only, and signs by hand.

`claims` and `sign` of a test spoil what it says; `down` makes it fail.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CLIENT, SECRET = "calor", "the secret of calor"
Json = dict[str, Any]


def packed(data: bytes | Json) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def rs256(private: rsa.RSAPrivateKey, text: str) -> bytes:
    return private.sign(text.encode(), padding.PKCS1v15(), SHA256())


@dataclass(kw_only=True)
class Provider:
    now: float
    issuer: str = ""
    email: str = "diane@example.com"
    person: str = "d1"  # of whom userinfo speaks
    kid: str = "one"
    private: rsa.RSAPrivateKey = field(default_factory=key)
    claims: Json = field(default_factory=dict)
    sign: Callable[[Json, Json], str] | None = None
    down: str = ""  # the path that answers 503
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def fresh(self) -> None:
        self.claims, self.sign, self.down, self.email = {}, None, "", "diane@example.com"
        self.asked.clear()

    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def signed(self, header: Json, claims: Json) -> str:
        text = f"{packed(header)}.{packed(claims)}"
        return f"{text}.{packed(rs256(self.private, text))}"

    def unsigned(self, _: Json, claims: Json) -> str:
        return f"{packed({'alg': 'none', 'typ': 'JWT'})}.{packed(claims)}."

    def by_public_key(self, header: Json, claims: Json) -> str:
        """What everybody can read taken for a secret."""
        text = f"{packed({**header, 'alg': 'HS256'})}.{packed(claims)}"
        return f"{text}.{packed(hmac.digest(self.public_pem(), text.encode(), 'sha256'))}"

    def by_a_stranger(self, header: Json, claims: Json) -> str:
        text = f"{packed(header)}.{packed(claims)}"
        return f"{text}.{packed(rs256(key(), text))}"

    def answer(self, path: str, told: dict[str, str], authorization: str) -> tuple[int, Json]:
        self.asked.append(path)
        if path == self.down:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"],
            }
        if path == "/keys":
            numbers = self.private.public_key().public_numbers()
            n, e = (packed(v.to_bytes((v.bit_length() + 7) // 8, "big")) for v in (numbers.n, numbers.e))
            return 200, {"keys": [{"kty": "RSA", "use": "sig", "kid": self.kid, "n": n, "e": e}]}
        if path == "/userinfo" and authorization == "Bearer a":
            return 200, {"sub": self.person, "email": self.email, "email_verified": True}
        if path == "/authorize":
            code = secrets.token_hex(8)
            self.codes[code] = told
            back = {"code": code, "state": told["state"]}
            return 302, {"Location": f"{told['redirect_uri']}?{urlencode(back)}"}
        return self._token(told, authorization) if path == "/token" else (404, {})

    def _token(self, told: dict[str, str], authorization: str) -> tuple[int, Json]:
        if authorization != "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode():
            return 401, {"error": "invalid_client"}
        begun = self.codes.pop(told["code"], {})
        challenge = packed(hashlib.sha256(told.get("code_verifier", "").encode()).digest())
        fits = begun.get("redirect_uri") == told.get("redirect_uri") and begun.get("client_id") == CLIENT
        if not fits or (begun["code_challenge_method"], begun["code_challenge"]) != ("S256", challenge):
            return 400, {"error": "invalid_grant"}
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "d1", "nonce": begun["nonce"], "iat": int(self.now),
            "exp": int(self.now) + 300, "email": self.email, "email_verified": True,
        }  # fmt: skip
        claims = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        header = {"alg": "RS256", "kid": self.kid, "typ": "JWT"}
        token = (self.sign or self.signed)(header, claims)
        return 200, {"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": token}


@contextmanager
def running(now: float) -> Iterator[Provider]:
    made = Provider(now=now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._tell(dict(parse_qsl(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            self._tell(dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode())))

        def _tell(self, told: dict[str, str]) -> None:
            path = urlsplit(self.path).path
            status, body = made.answer(path, told, self.headers.get("Authorization", ""))
            self.send_response(status)
            for name, value in (body if status == 302 else {"Content-Type": "application/json"}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Nothing: pytest shows enough."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.issuer = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        server.shutdown()
        thread.join()

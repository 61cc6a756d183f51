"""One request to one of the company's own systems: to an address that was looked at, for so many seconds in all.

It runs in a thread of its own (under gevent: a greenlet), and whoever asked leaves when the time is over. Limits on a connection and on each
read would let a name that does not resolve, or an answer that comes letter by letter, take as long as they like.
"""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import Any, TypeVar

from ivr.domain.errors import LookupFailed
from ivr.domain.rules.lookup import LookupFailure, LookupUrl
from ivr.lookup.allowed_hosts import SocketAddress, resolve_allowed

MAX_BODY_BYTES = 16 * 1024  # bytes of an answer
MAX_WIRE_BYTES = 64 * 1024  # bytes of it with its headers, and whatever its chunks are said to be
MAX_ADDRESSES_TRIED = 4  # addresses of a name that are tried

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class LookupRequest:
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class LookupResponse:
    status: int
    content_type: str
    body: bytes  # cut after MAX_BODY_BYTES and one byte


@dataclass(kw_only=True)
class LookupCall:
    """`private`: it may lie in a private network. `tls`: None = in the clear."""

    url: LookupUrl
    timeout_seconds: float
    private: bool
    resolve_slots: threading.Semaphore
    tls: ssl.SSLContext | None
    _deadline: float = field(init=False)
    _sock: socket.socket | None = field(init=False, default=None)

    def post(self, request: LookupRequest) -> LookupResponse:
        """Raises LookupFailed."""
        return self._run_in_time(lambda sock: self._post(sock, request))

    def check_connection(self) -> None:
        """Connect, and see its certificate. Raises LookupFailed."""
        self._run_in_time(lambda _: None)

    def _run_in_time(self, action: Callable[[socket.socket], T]) -> T:
        self._deadline = time.monotonic() + self.timeout_seconds
        done: Future[T] = Future()
        threading.Thread(target=self._run, args=(action, done), daemon=True).start()
        try:
            return done.result(self.timeout_seconds)
        except TimeoutError:
            self._shut_down_socket()
            raise self._make_timeout_error() from None

    def _run(self, action: Callable[[socket.socket], T], future: Future[T]) -> None:
        try:
            with contextlib.closing(self._connect()) as sock:
                future.set_result(action(sock))
        except LookupFailed as e:
            future.set_exception(e)
        except ssl.SSLCertVerificationError as e:
            future.set_exception(
                LookupFailed(
                    f"The certificate of {self.url.netloc}: {e.verify_message}.",
                    cause=LookupFailure.CERTIFICATE,
                )
            )
        except TimeoutError:
            future.set_exception(self._make_timeout_error())
        except (OSError, HTTPException) as e:  # by its kind alone: what it says may be a part of the answer
            future.set_exception(
                LookupFailed(
                    f"{self.url.netloc} broke off: {type(e).__name__}.", cause=LookupFailure.UNREACHABLE
                )
            )
        except BaseException as e:  # noqa: BLE001 - raised where it is waited for
            future.set_exception(e)

    def _shut_down_socket(self) -> None:
        """What it may be waiting for comes to an end."""
        if self._sock is not None:
            with contextlib.suppress(OSError):  # it has ended by itself
                self._sock.shutdown(socket.SHUT_RDWR)

    def _connect(self) -> socket.socket:
        with self._resolve_slot():
            places = resolve_allowed(self.url, private=self.private)[:MAX_ADDRESSES_TRIED]
        for n, place in enumerate(places):
            sock = self._connect_to(place, self._get_seconds_left() / (len(places) - n))
            if sock is not None:
                return sock
        raise LookupFailed(f"{self.url.netloc} takes no connection.", cause=LookupFailure.UNREACHABLE)

    @contextlib.contextmanager
    def _resolve_slot(self) -> Any:
        if not self.resolve_slots.acquire(timeout=self._get_seconds_left()):
            raise self._make_timeout_error()
        try:
            yield
        finally:
            self.resolve_slots.release()

    def _connect_to(self, address: SocketAddress, seconds: float) -> socket.socket | None:
        """None: nobody is there."""
        sock = self._sock = socket.socket(address.family, socket.SOCK_STREAM)
        try:
            sock.settimeout(seconds)
            sock.connect(address.address)
        except OSError:
            sock.close()
            return None
        try:
            sock.settimeout(self._get_seconds_left())
            if self.tls is not None:
                host = self.url.host.strip("[]")
                sock = self._sock = self.tls.wrap_socket(
                    sock, server_hostname=host, do_handshake_on_connect=False
                )
                sock.do_handshake()
        except BaseException:
            sock.close()
            raise
        return sock

    def _post(self, sock: socket.socket, request: LookupRequest) -> LookupResponse:
        http = HTTPConnection(self.url.host, self.url.port)
        http.auto_open = 0  # never by itself: it would resolve the name once more
        http.sock = _LimitedSocket(sock)  # as much of a socket as it uses
        headers = {"Host": self.url.netloc, "Connection": "close", "Accept-Encoding": "identity"}
        http.request("POST", self.url.target, body=request.body, headers={**headers, **request.headers})
        try:
            return _read_response(http.getresponse())
        except ValueError as e:  # of a length that is none
            raise HTTPException from e

    def _get_seconds_left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self._make_timeout_error()
        return left

    def _make_timeout_error(self) -> LookupFailed:
        return LookupFailed(
            f"{self.url.netloc} took longer than {self.timeout_seconds:g} s.", cause=LookupFailure.TIMEOUT
        )


def _read_response(response: HTTPResponse) -> LookupResponse:
    type_ = response.headers.get("Content-Type", "")
    if response.status != 200:
        return LookupResponse(status=response.status, content_type=type_, body=b"")
    body = response.read(MAX_BODY_BYTES + 1)
    if response.length and len(body) <= MAX_BODY_BYTES:
        raise IncompleteRead(body, response.length)
    return LookupResponse(status=response.status, content_type=type_, body=body)


class _LimitedSocket:
    """A socket of which no more is read than MAX_WIRE_BYTES bytes, whatever an answer says of its own length."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def sendall(self, data: bytes) -> None:
        self._sock.sendall(data)

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(_LimitedReader(self._sock))

    def close(self) -> None:
        """Whoever connected closes."""


class _LimitedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._left = MAX_WIRE_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if self._left <= 0:
            raise LookupFailed(
                f"It sends more than {MAX_BODY_BYTES} bytes.", cause=LookupFailure.INVALID_ANSWER
            )
        got = self._sock.recv_into(buffer)
        self._left -= got
        return got

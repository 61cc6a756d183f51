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
from ivr.domain.rules.lookup import Address, Why
from ivr.lookup.allowed_hosts import Place, allowed

LARGEST = 16 * 1024  # bytes of an answer
WIRE = 64 * 1024  # bytes of it with its headers, and whatever its chunks are said to be
MOST = 4  # addresses of a name that are tried

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Request:
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    type: str
    body: bytes  # cut after LARGEST and one byte


@dataclass(kw_only=True)
class Call:
    """`private`: it may lie in a private network. `tls`: None = in the clear."""

    at: Address
    seconds: float
    private: bool
    resolving: threading.Semaphore
    tls: ssl.SSLContext | None
    _until: float = field(init=False)
    _sock: socket.socket | None = field(init=False, default=None)

    def post(self, request: Request) -> Answer:
        """Raises LookupFailed."""
        return self._in_time(lambda sock: self._post(sock, request))

    def reach(self) -> None:
        """Connect, and see its certificate. Raises LookupFailed."""
        self._in_time(lambda _: None)

    def _in_time(self, do: Callable[[socket.socket], T]) -> T:
        self._until = time.monotonic() + self.seconds
        done: Future[T] = Future()
        threading.Thread(target=self._carry_out, args=(do, done), daemon=True).start()
        try:
            return done.result(self.seconds)
        except TimeoutError:
            self._break_off()
            raise self._late() from None

    def _carry_out(self, do: Callable[[socket.socket], T], done: Future[T]) -> None:
        try:
            with contextlib.closing(self._connect()) as sock:
                done.set_result(do(sock))
        except LookupFailed as e:
            done.set_exception(e)
        except ssl.SSLCertVerificationError as e:
            done.set_exception(
                LookupFailed(f"The certificate of {self.at.netloc}: {e.verify_message}.", why=Why.CERTIFICATE)
            )
        except TimeoutError:
            done.set_exception(self._late())
        except (OSError, HTTPException) as e:  # by its kind alone: what it says may be a part of the answer
            done.set_exception(LookupFailed(f"{self.at.netloc} broke off: {type(e).__name__}.", why=Why.AWAY))
        except BaseException as e:  # noqa: BLE001 - raised where it is waited for
            done.set_exception(e)

    def _break_off(self) -> None:
        """What it may be waiting for comes to an end."""
        if self._sock is not None:
            with contextlib.suppress(OSError):  # it has ended by itself
                self._sock.shutdown(socket.SHUT_RDWR)

    def _connect(self) -> socket.socket:
        with self._resolve_in_turn():
            places = allowed(self.at, private=self.private)[:MOST]
        for n, place in enumerate(places):
            sock = self._reach_place(place, self._left() / (len(places) - n))
            if sock is not None:
                return sock
        raise LookupFailed(f"{self.at.netloc} takes no connection.", why=Why.AWAY)

    @contextlib.contextmanager
    def _resolve_in_turn(self) -> Any:
        if not self.resolving.acquire(timeout=self._left()):
            raise self._late()
        try:
            yield
        finally:
            self.resolving.release()

    def _reach_place(self, place: Place, seconds: float) -> socket.socket | None:
        """None: nobody is there."""
        sock = self._sock = socket.socket(place.family, socket.SOCK_STREAM)
        try:
            sock.settimeout(seconds)
            sock.connect(place.address)
        except OSError:
            sock.close()
            return None
        try:
            sock.settimeout(self._left())
            if self.tls is not None:
                host = self.at.host.strip("[]")
                sock = self._sock = self.tls.wrap_socket(
                    sock, server_hostname=host, do_handshake_on_connect=False
                )
                sock.do_handshake()
        except BaseException:
            sock.close()
            raise
        return sock

    def _post(self, sock: socket.socket, request: Request) -> Answer:
        http = HTTPConnection(self.at.host, self.at.port)
        http.auto_open = 0  # never by itself: it would resolve the name once more
        http.sock = _Wire(sock)  # as much of a socket as it uses
        headers = {"Host": self.at.netloc, "Connection": "close", "Accept-Encoding": "identity"}
        http.request("POST", self.at.target, body=request.body, headers={**headers, **request.headers})
        try:
            return _read(http.getresponse())
        except ValueError as e:  # of a length that is none
            raise HTTPException from e

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise self._late()
        return left

    def _late(self) -> LookupFailed:
        return LookupFailed(f"{self.at.netloc} took longer than {self.seconds:g} s.", why=Why.LATE)


def _read(answer: HTTPResponse) -> Answer:
    type_ = answer.headers.get("Content-Type", "")
    if answer.status != 200:
        return Answer(status=answer.status, type=type_, body=b"")
    body = answer.read(LARGEST + 1)
    if answer.length and len(body) <= LARGEST:
        raise IncompleteRead(body, answer.length)
    return Answer(status=answer.status, type=type_, body=body)


class _Wire:
    """A socket of which no more is read than WIRE bytes, whatever an answer says of its own length."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def sendall(self, data: bytes) -> None:
        self._sock.sendall(data)

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(_Counted(self._sock))

    def close(self) -> None:
        """Whoever connected closes."""


class _Counted(io.RawIOBase):
    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._left = WIRE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if self._left <= 0:
            raise LookupFailed(f"It sends more than {LARGEST} bytes.", why=Why.UNFIT)
        got = self._sock.recv_into(buffer)
        self._left -= got
        return got

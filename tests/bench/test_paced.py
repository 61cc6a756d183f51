"""The load of the tail bar is open, and its desks follow what a page's scripts would."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from contextlib import ExitStack

from tests.bench import live_page, load, paced

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


def test_requests_are_sent_though_none_before_them_was_answered() -> None:
    done = _send([b"ok", b"ok", b"ok", b"ok"], connections=2)
    assert (len(done.latencies), len(done.late), done.wrong) == (4, 4, [])


def test_an_answer_that_is_wrong_is_counted_and_has_no_time() -> None:
    done = _send([b"ok", b"no", b"ok"], connections=3)
    assert (len(done.latencies), len(done.wrong)) == (2, 1)


def test_a_part_follows_its_own_topics_and_those_that_stand_in_it() -> None:
    page = live_page.read(
        '<body data-since="5-0"><img><div data-live="agent:a" data-src="/now" data-every="30">'
        '<section data-live="agents" data-src="/state"><br></section><p data-also="photo:new">new</p></div>'
        '<p data-also="case:elsewhere"></p></body>'
    )
    assert page.since == "5-0"
    assert page.topics == "agent:a agents photo:new"
    assert [(part.src, part.topics, part.every) for part in page.parts] == [
        ("/now", {"agent:a", "photo:new"}, 30.0),
        ("/state", {"agents"}, 0.0),
    ]


def _send(bodies: Sequence[bytes], *, connections: int) -> paced.Paced:
    """To a server that answers nobody before everybody has asked."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        serving = threading.Thread(target=_serve, args=(listening, bodies, connections), daemon=True)
        serving.start()
        server = load.web(listening.getsockname()[1], b"ok")
        done = paced.send(server, [b"ask"] * len(bodies), rate=1000, connections=connections)
        serving.join()
    return done


def _serve(listening: socket.socket, bodies: Sequence[bytes], connections: int) -> None:
    with listening, ExitStack() as opened:  # whoever does not ask in time finds everything closed
        wires = [opened.enter_context(listening.accept()[0]) for _ in range(max(connections, len(bodies)))]
        for wire in wires:
            wire.settimeout(5)
        asked = [wire for wire in wires if wire.recv(3)]
        for wire, body in zip(asked, bodies, strict=True):
            wire.sendall(ANSWER + body)

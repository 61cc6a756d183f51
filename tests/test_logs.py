"""Logs: nothing private leaves in them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from ivr import logs


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.set_up_logging("json", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def last(stream: io.StringIO) -> dict[str, object]:
    found: dict[str, object] = json.loads(stream.getvalue().splitlines()[-1])
    return found


def test_a_line_has_a_name_a_time_and_the_ids_it_is_about(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(contact="c1", promise="p7k2"):
        structlog.get_logger("ivr.test").info("promise_made")
    said = last(lines)
    assert (said["event"], said["contact"], said["promise"], said["level"]) == (
        "promise_made",
        "c1",
        "p7k2",
        "info",
    )
    assert str(said["timestamp"]).endswith("Z")


def test_a_telephone_number_keeps_three_digits(lines: io.StringIO) -> None:
    structlog.get_logger().info("offered", to="+12025550123", caller="sip:lori@x", number="")
    said = last(lines)
    assert (said["to"], said["caller"], said["number"]) == ("…123", "…i@x", "")


def test_a_number_is_found_in_any_text_and_in_addresses(lines: io.StringIO) -> None:
    structlog.get_logger().info(
        "refused", why="+12025550123 is busy", url="/a?To=%2B12025550123&n=12025550123456789"
    )
    said = last(lines)
    assert said["why"] == "…123 is busy"
    assert said["url"] == "/a?To=…123&n=12025550123456789"


@pytest.mark.parametrize(
    "field", ["digits", "Digits", "SpeechResult", "words", "reason", "auth_token", "api_secret", "pin"]
)
def test_what_people_press_and_say_and_secrets_are_hidden(lines: io.StringIO, field: str) -> None:
    structlog.get_logger().info("heard", **{field: "1234"})
    assert last(lines)[field] == logs.HIDDEN


def test_the_link_to_a_promise_is_a_key_and_hidden(lines: io.StringIO) -> None:
    structlog.get_logger().info("opened", path="/p/eyJh.bc-d_e")
    assert last(lines)["path"] == "/p/[hidden]"


def test_nothing_hides_deeper_down(lines: io.StringIO) -> None:
    structlog.get_logger().info(
        "webhook", fields={"From": "+12025550123", "x": [{"Digits": "1"}]}, to=["+12025550123"]
    )
    said = last(lines)
    assert said["fields"] == {"From": "…123", "x": [{"Digits": logs.HIDDEN}]}
    assert said["to"] == ["…123"]


def test_an_exception_is_searched_too(lines: io.StringIO) -> None:
    structlog.get_logger().error("job_failed", exc_info=ValueError("cannot call +12025550123"))
    assert "…123" in str(last(lines)["exception"])
    assert "2025550123" not in lines.getvalue()


def test_libraries_pass_the_same_redactor(lines: io.StringIO) -> None:
    logging.getLogger("some.library").warning("calling %s", "+12025550123", extra={"digits": "1"})
    said = last(lines)
    assert (said["event"], said["logger"], said["digits"]) == ("calling …123", "some.library", logs.HIDDEN)


def test_text_is_for_people(lines: io.StringIO) -> None:
    stream = io.StringIO()
    logs.set_up_logging("text", stream)
    structlog.get_logger("ivr.test").info("offered", to="+12025550123")
    assert "offered" in stream.getvalue()
    assert "to=…123" in stream.getvalue()

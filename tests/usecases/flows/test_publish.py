"""Versions of the flows: what is published stands whole, for whoever calls from then on; never over somebody else's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from ivr.domain.actor import Actor, Channel
from ivr.domain.errors import CalorError
from ivr.flow.loader import bundle
from ivr.flow.loader.library import load_flows, read_flow_files
from ivr.flow.yaml_source.entry import InvalidFlows
from ivr.services import Services, build_services
from ivr.store import keys
from ivr.store.queries import flow_versions
from ivr.usecases.event_log import audit_log
from ivr.usecases.flows import publish

NORA = Actor(id="nora", channel=Channel.PAGE)
SHIPPED = Path("flows")


def files(welcome: str = "") -> Mapping[str, str]:
    """As they ship, or with another welcome."""
    found = read_flow_files(SHIPPED)
    prompts = found["prompts/en.yaml"]
    return {**found, "prompts/en.yaml": f'{prompts}\nasked_anew: "{welcome}"\n' if welcome else prompts}


def put(services: Services, welcome: str, base: str = "") -> str:
    return publish.publish_flows(
        services, publish.PublishRequest(files=files(welcome), base_version=base), f"say {welcome}", NORA
    ).version


def another(services: Services) -> Services:
    """Another process on the same record."""
    return build_services(services.settings)


def test_the_files_are_followed_until_something_is_published(still: Services) -> None:
    assert still.library.version == load_flows(SHIPPED).version
    version = put(still, "Hello")
    assert still.library.version == version
    assert "asked_anew" in still.library.get_phrasebook("en")


def test_another_process_follows_with_its_next_read(still: Services) -> None:
    other = another(still)
    before = other.library.version
    version = put(still, "Hello")
    assert other.library.version == before, "nothing was read meanwhile"
    other.store.refresh()
    assert other.library.version == version


def test_who_published_what_and_why_is_kept(still: Services) -> None:
    first = put(still, "Hello")
    second = put(still, "Good day", base=first)
    told = [
        (e.version, e.previous_version, e.actor, e.channel, e.reason)
        for e in still.store.read(flow_versions.list_published())
    ]
    assert told == [
        (first, "", "nora", "desk", "say Hello"),
        (second, first, "nora", "desk", "say Good day"),
    ]
    assert [
        a.get("by") for a in audit_log.get_audit_log_page(still).entries if a.event == "flows published"
    ] == [
        "nora",
        "nora",
    ]


def test_who_began_on_another_version_is_told_of_the_conflict(still: Services) -> None:
    first = put(still, "Hello")
    put(still, "Good day", base=first)
    with pytest.raises(publish.PublishConflict, match=r'nora published .*"say Good day"'):
        put(still, "Good evening", base=first)
    assert len(still.store.read(flow_versions.list_published())) == 2


def test_two_at_once_do_not_overwrite_each_other(still: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    first = put(still, "Hello")
    commit = still.store.commit

    def late(change: object) -> bool:
        monkeypatch.setattr(still.store, "commit", commit)
        put(still, "Good day", base=first)  # somebody else is quicker, between the look and the write
        return commit(change)  # type: ignore[arg-type]

    monkeypatch.setattr(still.store, "commit", late)
    with pytest.raises(publish.PublishConflict):
        put(still, "Good evening", base=first)
    assert [e.reason for e in still.store.read(flow_versions.list_published())] == [
        "say Hello",
        "say Good day",
    ]


def test_the_same_again_is_nothing_new(still: Services) -> None:
    first = put(still, "Hello")
    assert put(still, "Hello", base=first) == first
    assert len(still.store.read(flow_versions.list_published())) == 1


def test_what_could_strand_somebody_is_refused_whole(still: Services) -> None:
    trap = dict(files())
    trap["main.yaml"] = (
        trap["main.yaml"]
        .replace("next: support }", "next: nowhere }")
        .replace("support: {queue: support}", "support: {goodbye: welcome}")
    )
    with pytest.raises(InvalidFlows):
        publish.publish_flows(still, publish.PublishRequest(files=trap, base_version=""), "a trap", NORA)
    assert not still.store.read(flow_versions.list_published())
    assert not publish.get_line_status(still).flow_version


def test_a_reason_is_asked_for(still: Services) -> None:
    with pytest.raises(CalorError, match="Say why"):
        publish.publish_flows(still, publish.PublishRequest(files=files(), base_version=""), "  ", NORA)


def test_rolling_back_needs_no_base_and_is_told_as_such(still: Services) -> None:
    first = put(still, "Hello")
    put(still, "Good day", base=first)
    back = publish.roll_back(still, "", "it was too formal", NORA)
    assert (back.version, back.is_rollback) == (first, True)
    assert still.library.version == first
    assert len(still.store.read(flow_versions.list_published())) == 3
    assert publish.roll_back(still, "", "it was not", NORA).version != first, "and forth"


def test_a_version_is_named_by_as_much_as_makes_it_the_only_one(still: Services) -> None:
    first = put(still, "Hello")
    assert publish.find_version(still, first[:5]) == first
    with pytest.raises(publish.NoSuchVersion, match=first):
        publish.find_version(still, "nothing")


# ---- formats


OLD = {
    "main.yaml": 'flow: main\nlines: ["*"]\nlanguages: [en]\nperson: support\nsteps:\n  hello: {say: hello, next: ask}\n  ask: {menu: hello, options: {1: {words: [help], next: support}}}\n  support: {queue: support}\n',
    "queues.yaml": "support: {}\n",
    "prompts/en.yaml": 'hello: "Press 1"\n',
}
WORDS = "{en: [help]}"
RECORDING = 'hello: {audio: "https://example.com/1.mp3", seconds: 3, text: "Press 1"}\n'


@pytest.mark.parametrize(
    ("changed", "format_"),
    [
        ({}, 1),
        ({"main.yaml": OLD["main.yaml"].replace("[help]", WORDS)}, 2),
        ({"main.yaml": OLD["main.yaml"].replace("{say: hello", "{survey: hello")}, 2),
        ({"prompts/en.yaml": RECORDING}, 2),
        ({"prompts/en.yaml": "voice: woman\n" + OLD["prompts/en.yaml"]}, 2),
    ],
)
def test_flows_that_ask_for_nothing_new_can_be_read_by_the_release_before(
    still: Services, changed: Mapping[str, str], format_: int
) -> None:
    draft = publish.PublishRequest(files={**OLD, **changed}, base_version="")
    text = still.store.redis.get(keys.flows(publish.publish_flows(still, draft, "old", NORA).version))
    assert bundle.unpack(str(text)).format == format_
    if format_ == 1:
        assert bundle.unpack(str(text), newest_known=1).files == OLD


def test_a_release_that_cannot_read_what_stands_goes_on_with_what_it_can(still: Services) -> None:
    first = put(still, "Hello")
    newer = {"format": bundle.newest_format() + 1, "files": {"main.yaml": "a language of tomorrow"}}
    still.store.redis.set(keys.flows("tomorrow"), json.dumps(newer))
    entry = {
        **json.loads(str(still.store.redis.lindex(keys.FLOWS_HISTORY, 0))),
        "version": "tomorrow",
        "previous_version": first,
    }
    still.store.redis.rpush(keys.FLOWS_HISTORY, json.dumps(entry))
    still.store.redis.hset(keys.LINE_STATUS, mapping={"version": "7", "flow_version": "tomorrow"})
    fresh = another(still)
    assert fresh.library.version == first
    with pytest.raises(bundle.NewerFormat, match="Update it"):
        publish.roll_back(fresh, "tomorrow", "try", NORA)

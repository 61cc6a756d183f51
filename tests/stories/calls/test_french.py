"""A line that speaks a third language: from its key to the last text and the colleague's brief, all of it in French."""

from __future__ import annotations

from pathlib import Path

from ivr.cli.demo.stage import Stage
from ivr.domain.actor import Actor, Channel
from ivr.flow.loader.library import read_flow_files
from ivr.usecases.flows import publish
from tests.stories.people import (
    BRIDGED,
    DIANE,
    HANG_UP,
    LORI,
    all_ended,
    contacts,
    heard_by,
    listen,
    pause,
    press,
    promises,
    speak,
    texts_to,
)

NORA = Actor(id="nora", channel=Channel.PAGE)
IN_FRENCH = [listen("tapez 9"), press("9")]


def speaks_french(stage: Stage) -> None:
    files = read_flow_files(Path("flows"))
    flow = files["main.yaml"].replace("[español, spanish]", "[français, french]")
    flow = flow.replace("[en, es]", "[en, fr]").replace("language: es", "language: fr")
    publish.publish_flows(
        stage.services,
        publish.PublishRequest(files={**files, "main.yaml": flow}, base_version=""),
        "French",
        NORA,
    )


def test_a_caller_who_presses_nine_is_promised_and_texted_in_french(stage: Stage) -> None:
    speaks_french(stage)
    waits = [
        listen("quel est le sujet"),
        speak("Ma valise n'est pas arrivée"),
        listen("nous vous appelons"),
        press("1"),
    ]
    stage.call_line(LORI, [*IN_FRENCH, *waits, listen("au revoir|Au revoir"), HANG_UP])
    assert stage.play(180, until=lambda: all_ended(stage))
    (promise,) = promises(stage)
    assert promise.language == "fr"
    (text,) = texts_to(stage, LORI)
    assert "nous vous appellerons d'ici" in text
    said = " ".join(heard_by(stage, LORI)[3:])
    assert "Vous êtes numéro" in said or "Nous sommes tous en conversation" in said
    assert " we " not in f" {said.lower()} "


def test_a_colleague_who_speaks_french_first_hears_everything_in_french(stage: Stage) -> None:
    speaks_french(stage)
    takes = [listen("pour l'entendre"), press("1"), listen("pour le prendre"), press("1"), BRIDGED]
    stage.add_agent("Diane", DIANE, takes, languages=("fr", "en"))
    stage.call_line(LORI, [*IN_FRENCH, BRIDGED, pause(10), HANG_UP])
    assert stage.play(180, until=lambda: bool(contacts(stage)) and contacts(stage)[0].talked)
    heard = " ".join(heard_by(stage, DIANE))
    assert "Un appel pour l'assistance" in heard
    assert "Un appel d'un numéro qui finit par" in heard

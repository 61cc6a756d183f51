"""What the desk suggests as the first sentence: an unverified caller's name is not said as if it were certain (I7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import Flask, render_template

from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.rules.brief.content import Brief
from ivr.domain.rules.brief.render import render_json
from ivr.flow.phrases.built_in import brief_wording, parse_phrasebook

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    "opening", ["", "Hello {name}, this is Diane."], ids=["none of their own", "their own"]
)
@pytest.mark.parametrize("trust_level", TrustLevel)
def test_the_opening_names_only_a_caller_whose_number_is_verified(
    staff_app: Callable[..., Flask], trust_level: TrustLevel, opening: str
) -> None:
    phrases = brief_wording(parse_phrasebook("en", None)[0])
    brief = render_json(Brief(name="Lori Miller", trust_level=trust_level), phrases, "en", NOW)
    desk = SimpleNamespace(agent=SimpleNamespace(suggested_opening=opening))
    with staff_app().test_request_context():
        html = render_template("staff/desk/_brief.html", brief=brief, desk=desk)
    assert ("Lori Miller" in html.partition('class="opening"')[2]) is (
        trust_level is not TrustLevel.UNVERIFIED
    )

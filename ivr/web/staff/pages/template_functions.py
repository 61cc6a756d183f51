"""What templates ask for."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, current_app, url_for
from markupsafe import Markup

from ivr.usecases.staff import sessions
from ivr.web.request import settings
from ivr.web.staff import nav
from ivr.web.staff.pages import announcements, home
from ivr.web.staff.session import access


def install(app: Flask) -> None:
    app.jinja_env.globals.update(
        whoever=access.whoever,
        ways=nav.ways,
        flow_ways=nav.flow_ways,
        asset=asset,
        form_token=form_token,
        form_value=token,
        away_reasons=lambda: home.REASONS,
        company=lambda: settings().company,
        notices=announcements.notices,
    )


def asset(name: str) -> str:
    """The address of a file of ours, another one when it has changed: browsers keep it for an hour."""
    return url_for("static", filename=name, v=_digest(Path(current_app.static_folder or ""), name))


def form_token() -> Markup:
    """The hidden field that every form carries."""
    return field(token())


def token() -> str:
    signed = access.whoever()
    return sessions.form_token(settings(), signed.ticket.session) if signed else ""


def field(value: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(access.TOKEN, value)


@cache
def _digest(folder: Path, name: str) -> str:
    return sha256((folder / name).read_bytes()).hexdigest()[:10]

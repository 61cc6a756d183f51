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
        current_user=access.current_user_or_none,
        nav_items=nav.nav_items,
        flow_endpoints=nav.list_flow_endpoints,
        asset=asset_url,
        form_token=form_token_field,
        form_value=create_form_token,
        away_reasons=lambda: home.AWAY_REASONS,
        company=lambda: settings().company,
        active_announcements=announcements.list_active_announcements,
    )


def asset_url(name: str) -> str:
    """The address of a file of ours, another one when it has changed: browsers keep it for an hour."""
    return url_for("static", filename=name, v=_file_digest(Path(current_app.static_folder or ""), name))


def form_token_field() -> Markup:
    """The hidden field that every form carries."""
    return hidden_token_field(create_form_token())


def create_form_token() -> str:
    signed = access.current_user_or_none()
    return sessions.create_form_token(settings(), signed.cookie.session_id) if signed else ""


def hidden_token_field(token_value: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(access.TOKEN_FIELD, token_value)


@cache
def _file_digest(folder: Path, name: str) -> str:
    return sha256((folder / name).read_bytes()).hexdigest()[:10]

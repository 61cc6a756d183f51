"""The app, and a visitor of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ivr.services import Services
from ivr.web import create_app


@pytest.fixture
def app(at_rest: dict[str, str], still: Services, monkeypatch: pytest.MonkeyPatch) -> Flask:
    for name, value in at_rest.items():
        monkeypatch.setenv(name, value)
    return create_app()


@pytest.fixture
def visitor(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client

"""A customer who opens the page of what they were promised."""

from __future__ import annotations

import re
from dataclasses import replace

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ivr.services import Services
from ivr.usecases.promises.lifecycle import PromiseRequest
from tests.stories.people import LORI
from tests.usecases.promises.promised import owe, texts

SECRET = "My suitcase, and my name is Lori Miller"


def link_in(services: Services, number: str = LORI) -> str:
    """The path of the link in the text that they got."""
    (found,) = {m for body in texts(services, number) for m in re.findall(r"http://[^/ ]+(/p/\S+)", body)}
    return str(found)


def owed(services: Services, **fields: object) -> str:
    promise = owe(services, PromiseRequest(reason=SECRET))
    if fields:
        change = services.store.begin()
        change.put(promise, replace(promise, **fields))  # type: ignore[arg-type]  # fields of Promise
        assert services.store.commit(change)
    return promise.id


def post(visitor: FlaskClient, path: str, **form: str) -> TestResponse:
    return visitor.post(path, data=form)


def words(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def times(answer: TestResponse) -> list[str]:
    return re.findall(r'name="window" value="([^"]+)"', words(answer))


def _seen(page: TestResponse) -> str:
    return str(re.findall(r'name="seen" value="(\d+)"', words(page))[0])

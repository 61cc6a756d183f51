"""The editor of flows, by browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.web.browser import Browser, words

Browse = Callable[[], Browser]


EDIT, KEEP = "/flows/edit/main.yaml", "/flows/save/main.yaml"


SCRIPT = {"Calor_Background": "1"}


def text(browser: Browser, path: str = EDIT) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", words(browser.get(path)), re.DOTALL)
    assert found
    return found[1]


def hidden(browser: Browser, path: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', words(browser.get(path)))
    return found[1] if found else ""


def types(browser: Browser, changed: str, was: str | None = None, path: str = EDIT) -> tuple[int, str]:
    mark = hidden(browser, path, "was") if was is None else was
    answer = browser.post(
        path.replace("edit", "save"), {"csrf": browser.token(path), "text": changed, "was": mark}, **SCRIPT
    )
    return answer.status_code, answer.get_json()["mark"] if answer.is_json else words(answer)

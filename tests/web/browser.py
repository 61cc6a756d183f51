"""A person at a browser: keeps cookies, fills in forms as they were served, and never more than a person could."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ivr.domain.actor import SYSTEM
from ivr.domain.records.account import Account, Role
from ivr.services import Services
from ivr.usecases.staff import accounts, roster

PASSWORD = "four words make one"
PHONES = {"Diane": "+12025550111", "Vicki": "+12025550112", "Boss": "+12025550113"}


def hire(services: Services, name: str, role: Role = Role.AGENT, *, phone: bool = True) -> Account:
    """Somebody who signs in, as name@example.com with PASSWORD, and answers a telephone."""
    told = accounts.AccountDetails(name=name, email=f"{roster.slugify(name)}@example.com", role=role)
    account = accounts.add_account(services, told, actor=SYSTEM)
    if phone:
        number = PHONES.get(name, "+12025550119")
        roster.add_agent(
            services, roster.AgentDetails(name=name, phone=number, supervisor=role is Role.SUPERVISOR)
        )
    return accounts.set_password(services, account.id, PASSWORD, actor=SYSTEM)


@dataclass(kw_only=True)
class Browser:
    app: Flask
    base: str = "http://127.0.0.1:9"
    headers: dict[str, str] = field(default_factory=dict)
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=self.base, headers={**self.headers, **_dashed(headers)})

    def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> TestResponse:
        """With nothing but what is given."""
        return self.client.post(
            path, data=form or {}, base_url=self.base, headers={**self.headers, **_dashed(headers)}
        )

    def send(self, path: str, form: dict[str, str] | None = None, *, page: str = "/") -> TestResponse:
        """A form of `page`: with its token."""
        return self.post(path, {"csrf": self.token(page), **(form or {})})

    def token(self, page: str = "/") -> str:
        found = re.search(r'name="csrf" value="([^"]*)"', words(self.get(page)))
        return found[1] if found else ""

    def sign_in(self, name: str, password: str = PASSWORD, *, back: str = "/") -> TestResponse:
        form = {"email": f"{name.lower()}@example.com", "password": password, "next": back}
        return self.send("/sign-in", form, page="/sign-in")

    def cookie(self, name: str = "calor") -> str:
        found = self.client.get_cookie(name, domain=self._host)
        return found.value if found else ""

    def hold(self, value: str, name: str = "calor") -> None:
        self.client.set_cookie(name, value, domain=self._host)

    @property
    def _host(self) -> str:
        return str(urlsplit(self.base).hostname)

    def signed_in(self) -> bool:
        return self.get("/").status_code == 200


def words(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}

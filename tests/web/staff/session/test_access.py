"""Who may open what: every route of the staff's pages, from the app itself, so that a new one is asked too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Flask

from ivr.domain.actor import SYSTEM
from ivr.domain.records.account import Role
from ivr.services import Services
from ivr.usecases.staff import accounts
from ivr.web import PUBLIC_BLUEPRINTS, staff
from ivr.web.staff import nav
from ivr.web.staff.session import access
from tests.web.browser import Browser, hire, words

Browse = Callable[[], Browser]
ANYBODY = {"sign_in.show", "sign_in.submit_password", "openid.start_sign_in", "openid.finish_sign_in"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Endpoint, method and an address of each; `x` where it names something."""
    adapter = app.url_map.bind("127.0.0.1")
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.rpartition(".")[0] in staff.BLUEPRINT_NAMES:
            path = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, "x"))
            found += [(rule.endpoint, m, path) for m in METHODS if m in (rule.methods or ())]
    return found


def test_nobody_who_has_not_signed_in_gets_anything_but_the_way_in(browse: Browse) -> None:
    stranger = browse()
    asked = routes(stranger.app)
    assert len(asked) > 10
    for endpoint, method, path in asked:
        answer = stranger.client.open(path, method=method, base_url=stranger.base)
        if endpoint in ANYBODY:
            assert answer.status_code in (200, 403, 404), (method, path)  # 403: no token; 404: no provider
            continue
        assert answer.status_code == 303, (method, path)
        assert answer.headers["Location"].startswith("/sign-in"), (method, path)
        script = stranger.client.open(
            path, method=method, base_url=stranger.base, headers={"Calor-Background": "1"}
        )
        assert script.status_code == 401, (method, path)


def test_every_route_is_closed_to_every_role_that_it_does_not_name(still: Services, browse: Browse) -> None:
    by_role = {}
    for role in Role:
        hire(still, role.value.capitalize(), role, phone=False)
        by_role[role] = browse()
        assert by_role[role].sign_in(role.value).status_code == 303
    for endpoint, method, path in routes(by_role[Role.ADMIN].app):
        if endpoint in ANYBODY or endpoint in ("sign_in.sign_out", "live.listen"):
            continue
        allowed = access.get_rule(by_role[Role.ADMIN].app, endpoint)
        assert allowed is not None
        for role, browser in by_role.items():
            answer = browser.client.open(path, method=method, base_url=browser.base)
            opened = role in allowed.roles or role is Role.ADMIN
            told = words(answer)
            assert ("not for your role" in told or (method == "HEAD" and answer.status_code == 403)) is (
                not opened
            ), (role, method, path)


@pytest.fixture
def with_page(
    at_rest: dict[str, str], still: Services, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Flask]:
    """The app with one page more."""

    def app(routes: Blueprint) -> Flask:
        made = Flask("ivr.web", root_path=str(__import__("pathlib").Path("ivr/web").resolve()))
        from ivr.settings import load_settings

        made.extensions["settings"] = load_settings(at_rest)
        made.extensions["services"] = lambda: still
        from ivr.web.webhooks.guard import install_guard

        install_guard(made)
        for other in PUBLIC_BLUEPRINTS:
            made.register_blueprint(other)
        monkeypatch.setattr(staff, "PAGES", (*staff.PAGES, routes))
        monkeypatch.setattr(staff, "BLUEPRINT_NAMES", staff.BLUEPRINT_NAMES | {routes.name})
        staff.install(made)
        return made

    return app


def supervisors() -> Blueprint:
    """A page for supervisors, and one whose author forgot to say for whom it is."""
    made = Blueprint("wall", __name__)

    @made.get("/wall")
    @access.allow(Role.SUPERVISOR, Role.OPS)
    def show() -> str:
        return "the wall"

    @made.post("/wall/<what>")
    @access.allow(Role.SUPERVISOR)
    def change(what: str) -> str:
        return what

    return made


def forgotten(made: Blueprint) -> Blueprint:
    @made.get("/wall/forgotten")
    def nobody_said() -> str:
        return "open to all"

    return made


@pytest.mark.parametrize(
    ("role", "sees", "changes"),
    [
        (Role.AGENT, 403, 403),
        (Role.SUPERVISOR, 200, 200),
        (Role.OPS, 200, 403),
        (Role.ADMIN, 200, 200),
    ],
)
def test_a_page_opens_to_the_roles_it_names_and_to_admins(
    still: Services, with_page: Callable[..., Flask], role: Role, sees: int, changes: int
) -> None:
    hire(still, "Diane", role)
    diane = Browser(app=with_page(supervisors()))
    diane.sign_in("Diane")
    assert diane.get("/wall").status_code == sees
    assert diane.send("/wall/it").status_code == changes
    assert diane.post("/wall/it").status_code == 403


def test_a_role_counts_from_the_next_request_on(still: Services, with_page: Callable[..., Flask]) -> None:
    hire(still, "Diane", Role.SUPERVISOR)
    diane = Browser(app=with_page(supervisors()))
    diane.sign_in("Diane")
    assert diane.get("/wall").status_code == 200
    accounts.add_account(still, accounts.AccountDetails(name="Diane", role=Role.AGENT), actor=SYSTEM)
    assert diane.get("/wall").status_code == 303
    diane.sign_in("Diane")
    assert diane.get("/wall").status_code == 403


def test_an_app_with_a_route_that_does_not_say_for_whom_it_is_does_not_start(
    with_page: Callable[..., Flask],
) -> None:
    app = with_page(forgotten(supervisors()))
    others = {blueprint.name for blueprint in PUBLIC_BLUEPRINTS}
    with pytest.raises(access.UndeclaredAccess, match=r"/wall/forgotten .*add @allow"):
        access.check_routes(app, staff=staff.BLUEPRINT_NAMES, others=others)


def test_nor_does_one_with_a_route_for_no_role_or_of_an_unknown_blueprint() -> None:
    def app(routes: Any) -> Flask:
        made = Flask(__name__)
        made.register_blueprint(routes)
        return made

    nobody = Blueprint("nobody", __name__)
    nobody.get("/nobody")(access.allow()(lambda: "x"))
    with pytest.raises(access.UndeclaredAccess):
        access.check_routes(app(nobody), staff={"nobody"}, others=set())
    with pytest.raises(access.UndeclaredAccess, match="of no blueprint"):
        access.check_routes(app(supervisors()), staff=set(), others=set())
    bare = Flask(__name__)
    bare.add_url_rule("/bare", "bare", lambda: "x")
    with pytest.raises(access.UndeclaredAccess, match="of no blueprint"):
        access.check_routes(bare, staff=set(), others=set())


def test_what_was_forgotten_all_the_same_is_denied(still: Services, with_page: Callable[..., Flask]) -> None:
    hire(still, "Boss", Role.ADMIN)
    boss = Browser(app=with_page(forgotten(supervisors())))
    boss.sign_in("Boss")
    assert boss.get("/wall").status_code == 200
    assert boss.get("/wall/forgotten").status_code == 403


def test_nobody_is_shown_the_way_to_a_page_that_is_closed_to_them(
    still: Services, with_page: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        nav, "NAV_LINKS", (*nav.NAV_LINKS, nav.NavLink(endpoint="wall.show", label="Wall", key="w"))
    )
    app = with_page(supervisors())
    for name, role, sees in (("Diane", Role.AGENT, False), ("Boss", Role.SUPERVISOR, True)):
        hire(still, name, role)
        browser = Browser(app=app)
        browser.sign_in(name)
        assert ('href="/wall"' in words(browser.get("/"))) is sees


def test_every_way_leads_to_a_page(browse: Browse) -> None:
    for way in nav.NAV_LINKS:
        assert access.get_rule(browse().app, way.endpoint) is not None
    assert len({way.key for way in nav.NAV_LINKS}) == len(nav.NAV_LINKS)

"""The web app: webhooks, the page of a promise, and those of the people who work here. `create_app` is what gunicorn serves."""

from __future__ import annotations

import structlog
from flask import Flask
from jinja2 import StrictUndefined

from ivr import logs
from ivr import services as composition
from ivr import settings as configuration
from ivr.domain.errors import Unavailable
from ivr.usecases.calls.actions import find_actions
from ivr.web import health, staff
from ivr.web.customer import promise_page
from ivr.web.staff.session import access
from ivr.web.webhooks import fallback, texts, voice
from ivr.web.webhooks.guard import install_guard

log = structlog.get_logger()

PUBLIC_BLUEPRINTS = (
    voice.routes,
    fallback.routes,
    texts.routes,
    promise_page.routes,
    health.routes,
)  # nobody signs in there


def create_app() -> Flask:
    """Raises BadSetting and FlowFaults: an app that cannot do its work does not start."""
    settings = configuration.load_settings()
    logs.set_up_logging(settings.log_format)
    app = Flask(__name__)
    app.jinja_env.undefined = (
        StrictUndefined  # a misspelled name in a template fails instead of showing nothing
    )
    app.url_map.merge_slashes = False  # a webhook is answered, never sent on to a tidier address
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024  # a webhook is a few kilobytes; what is larger is not read
    app.config["MAX_FORM_MEMORY_SIZE"] = 1024 * 1024
    app.config["MAX_FORM_PARTS"] = 500
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = (
        3600  # seconds; Twilio caches what it may: hold music is asked for often
    )
    app.extensions["settings"] = settings
    # a broken flow stops start-up, a Redis that is away does not (I9)
    app.extensions["flows"] = composition.load_library(settings)
    app.extensions["services"] = made = composition.build_services_lazily(settings)
    find_actions()  # what takes long to load is loaded now, not while the first caller waits
    try:
        made()  # likewise
    except Unavailable as e:
        log.error("redis_unavailable", error=str(e))  # noqa: TRY400 - callers are answered all the same (I9)
    install_guard(app)
    for blueprint in PUBLIC_BLUEPRINTS:
        app.register_blueprint(blueprint)
    staff.install(app)
    access.check_routes(
        app, staff=staff.BLUEPRINT_NAMES, others={blueprint.name for blueprint in PUBLIC_BLUEPRINTS}
    )
    return app

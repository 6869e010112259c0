"""The pages on a real server: the application's blueprints, and a gallery that shows each page in each state."""

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask, Response, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.routing import Map, MapAdapter

import demo
from broker.app import BLUEPRINTS
from broker.web import headers, languages, statics
from broker.web.pages import page as rendered
from tests.broker.pages.gallery.every import LEAVING, STATES
from tests.serving import served

LOGO = Path(demo.__file__).parent / "data" / "vieux-lavoir.png"


@dataclass
class Gallery:
    """A running server, and what it has been sent."""

    address: str = ""
    received: list[dict[str, str]] = field(default_factory=list)
    addresses: MapAdapter = field(default_factory=lambda: Map().bind(""))
    moved_on: threading.Event = field(default_factory=threading.Event)

    def of(self, name: str, language: str = "fr") -> str:
        """The address of one state."""
        return f"{self.address}/gallery/{name}?lang={language}"


@pytest.fixture(scope="session")
def gallery() -> Iterator[Gallery]:
    """The server, stopped at the end."""
    made = Gallery()
    app = _application(made)
    made.addresses = app.url_map.bind("")
    with served(app) as port:
        made.address = f"http://127.0.0.1:{port}"
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's browser. Its driver holds this thread's event loop: no longer than a module, others need one too."""
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def visitor(chromium: Browser) -> Iterator[BrowserContext]:
    """One visitor, who keeps the style sheets."""
    context = chromium.new_context()
    yield context
    context.close()


@pytest.fixture(scope="module")
def window(visitor: BrowserContext) -> Page:
    """The visitor's window: a new one for each test would cost a process each, half of a test's time."""
    return visitor.new_page()


@pytest.fixture
def page(window: Page) -> Page:
    """The window as it was at first. Each test goes to the page, and speaks the language, that it names."""
    window.set_viewport_size({"width": 1280, "height": 720})
    window.emulate_media(color_scheme="light", reduced_motion="no-preference")
    return window


def _application(gallery: Gallery) -> Flask:
    app = Flask("broker", template_folder="templates", static_folder="static")
    app.config.update(SECRET_KEY="only for these tests")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    languages.install(app)
    headers.install(app, https=False)
    statics.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.view_functions["portal.logo"] = _logo  # the only address of the gallery that would ask the database
    app.add_url_rule("/gallery/<name>", "gallery.state", _state)
    app.add_url_rule("/poll", "gallery.poll", lambda: _poll(gallery))
    app.add_url_rule("/received", "gallery.received", lambda: _receive(gallery), methods=["GET", "POST"])
    CSRFProtect(app).exempt(app.view_functions["gallery.received"])
    return app


def _state(name: str) -> ResponseReturnValue:
    state = {**STATES, **LEAVING}[name]
    if state.syndic is not None:
        g.syndic = state.syndic
    return rendered(state.template, **state.values)


def _poll(gallery: Gallery) -> ResponseReturnValue:
    return redirect("/gallery/done", 303) if gallery.moved_on.is_set() else _state("waiting-accepted")


def _receive(gallery: Gallery) -> ResponseReturnValue:
    gallery.received.append(request.form.to_dict())
    return "<!doctype html><title>Reçu</title>"


def _logo(slug: str) -> ResponseReturnValue:
    return Response(LOGO.read_bytes(), mimetype="image/png", headers={"X-Of": slug})

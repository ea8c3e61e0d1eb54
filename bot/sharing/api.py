"""Everything under /api/v1: described by openapi.yml beside this file, which is served as it is."""

from pathlib import Path

import yaml
from sanic import Blueprint, HTTPResponse, Request, json

from bot.settings import Settings
from bot.sharing.activities import add_activities
from bot.sharing.availability import add_availability
from bot.sharing.directory import add_directory
from bot.sharing.figures import add_figures

DESCRIPTION = Path(__file__).with_name("openapi.yml")


def sharing_api(settings: Settings) -> Blueprint:
    """The routes, and their description with the address that people outside use."""
    api = Blueprint("sharing", url_prefix="/api/v1")
    description = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    description["servers"] = [{"url": f"{settings.public_url.rstrip('/')}/api/v1"}]
    for add in (add_directory, add_availability, add_activities, add_figures):
        add(api)

    @api.get("/openapi.json")
    async def openapi(_: Request) -> HTTPResponse:
        return json(description)

    return api

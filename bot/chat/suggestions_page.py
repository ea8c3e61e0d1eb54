"""What was asked for and what became of it, for everybody and without signing in: only what officers worded and showed."""

from collections import Counter
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import Blueprint, HTTPResponse, Request, html

from bot.domain.accounts import branch
from bot.domain.suggestions import STATUS_WORDS

FOLDER = Path(__file__).resolve().parent


def suggestions_page() -> Blueprint:
    """`/suggestions`: by district and category, newest first."""
    blueprint = Blueprint("suggestions_page")
    pages = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined)

    @blueprint.get("/suggestions")
    async def suggestions(request: Request) -> HTTPResponse:
        services = request.app.ctx.services
        districts = {branch(unit.code): unit.name for unit in services.gazetteer.districts()}
        categories = {one.key: one.name for one in services.suggestions.categories.all}
        area, category = request.args.get("area", ""), request.args.get("category", "")
        # What is not on offer is as if it were not written: nobody gets at towns by guessing.
        area, category = area if area in districts else "", category if category in categories else ""
        lines = await services.suggestions.public(area, category)
        return html(
            pages.get_template("suggestions.html").render(
                lines=lines, districts=districts, categories=categories, area=area, category=category, states=STATUS_WORDS,
                matters=Counter(line.status for line in lines), overdue=sum(line.overdue for line in lines),
            )
        )  # fmt: skip

    return blueprint

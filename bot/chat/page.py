"""The chat page and its files: everything from our own host, nothing kept in the browser but the session's token."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import Blueprint, HTTPResponse, Request, html, redirect

from bot.settings import Settings
from bot.static_files import add_static_files

FOLDER = Path(__file__).resolve().parent
SUGGESTIONS = ("附近的妇女之家在哪", "想咨询法律问题", "心里难受，想找人说说", "找工作人员")


def chat_page(settings: Settings) -> Blueprint:
    """`/chat`, and `/` which leads there."""
    blueprint = Blueprint("chat_page")
    add_static_files(blueprint, "/chat/static", FOLDER / "static")
    pages = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined)

    @blueprint.get("/")
    async def root(_: Request) -> HTTPResponse:
        return redirect("/chat")

    @blueprint.get("/chat")
    async def chat(_: Request) -> HTTPResponse:
        template = pages.get_template("chat.html")
        return html(template.render(exit_url=settings.quick_exit_url, suggestions=SUGGESTIONS))

    return blueprint

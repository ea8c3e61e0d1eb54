"""The directory as HSDS 3's own API names and shapes it."""

from typing import Any

from sanic import Blueprint, HTTPResponse, Request, json

from bot.domain.errors import NotFound
from bot.domain.sharing import Scope
from bot.services.hsds import PROFILE, VERSION, HsdsDirectory
from bot.sharing.access import division, only, paged, reads

PAGE = ("page", "per_page")


def add_directory(api: Blueprint) -> None:
    """Routes of the directory."""
    api.add_route(about, "/")
    api.add_route(services, "/services")
    api.add_route(service, "/services/<name:str>")
    api.add_route(organizations, "/organizations")
    api.add_route(organization, "/organizations/<name:str>")
    api.add_route(at_locations, "/service_at_locations")
    api.add_route(at_location, "/service_at_locations/<name:str>")


async def about(request: Request) -> HTTPResponse:
    """What this is; the one route besides the description that needs no key."""
    only(request)
    address = request.app.ctx.settings.public_url.rstrip("/")
    return json({"version": VERSION, "profile": PROFILE, "openapi_url": f"{address}/api/v1/openapi.json"})


@reads(Scope.DIRECTORY)
async def services(request: Request) -> HTTPResponse:
    """A page of services, those of one organization if that is asked."""
    only(request, *PAGE, "organization_id")
    wanted, directory = request.args.get("organization_id"), await _directory(request)
    found = [one for one in directory.services.values() if wanted in (None, one["organization_id"])]
    return json(paged(request, found))


@reads(Scope.DIRECTORY)
async def service(request: Request, name: str) -> HTTPResponse:
    """One service with its organization and places."""
    only(request)
    return _one((await _directory(request)).service(name))


@reads(Scope.DIRECTORY)
async def organizations(request: Request) -> HTTPResponse:
    """A page of organizations."""
    only(request, *PAGE)
    return json(paged(request, list((await _directory(request)).organizations.values())))


@reads(Scope.DIRECTORY)
async def organization(request: Request, name: str) -> HTTPResponse:
    """One organization."""
    only(request)
    return _one((await _directory(request)).organization(name))


@reads(Scope.DIRECTORY)
async def at_locations(request: Request) -> HTTPResponse:
    """A page of services at their locations, those in one division if that is asked."""
    only(request, *PAGE, "division")
    code = division(request)
    places = (await _directory(request)).at_locations.values()
    found = [one for one in places if one["location"]["external_identifier"].startswith(code)]
    return json(paged(request, found))


@reads(Scope.DIRECTORY)
async def at_location(request: Request, name: str) -> HTTPResponse:
    """One service at its location."""
    only(request)
    return _one((await _directory(request)).at_location(name))


async def _directory(request: Request) -> HsdsDirectory:
    directory: HsdsDirectory = await request.app.ctx.services.sharing.hsds.directory()
    return directory


def _one(found: dict[str, Any] | None) -> HTTPResponse:
    if found is None:
        raise NotFound("没有这个编号。")
    return json(found)

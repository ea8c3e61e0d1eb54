"""妇联组织: who answers for which area and who sits in which system, zone or company; kept by supervisors, looked up by all."""

from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse, Request

from bot.console.fields import read_page
from bot.console.guard import form, guarded
from bot.console.pages import back_to, page
from bot.console.spreadsheet import export
from bot.console.uploads import Refused, taken_in
from bot.domain.accounts import Permission
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.domain.federations import FEDERATION_WORDS, FederationFilter, FederationKind, Person
from bot.services.federation_desk import MOST_ROWS, FederationDesk, FederationLine, Wanted
from bot.services.federation_sheets import COLUMNS, PEOPLE_COLUMNS, people_rows, sheet_rows

LIST = "/console/federations"
A_PAGE = 50
FILTERS = ("q", "kind", "area", "people")
FIELDS = ("name", "kind", "parent", "area", "office", "phone", "hours")
SAID = {
    "added": "加好了，再把她们的人写上。",
    "changed": "改好了。",
    "removed": "删掉了。",
    "person": "记好了。",
    "person_gone": "去掉了。",
}


def add_federations(console: Blueprint) -> None:
    """Routes of the directory of people."""
    console.add_route(federations, "/federations")
    console.add_route(export_federations, "/federations/export")
    console.add_route(export_federation_people, "/federations/people/export")
    console.add_route(import_federations, "/federations/import", methods=["POST"])
    console.add_route(import_federation_people, "/federations/people/import", methods=["POST"])
    console.add_route(add_federation, "/federations/add", methods=["POST"])
    console.add_route(federation, "/federations/<federation:str>")
    console.add_route(change_federation, "/federations/<federation:str>/change", methods=["POST"])
    console.add_route(remove_federation, "/federations/<federation:str>/remove", methods=["POST"])
    console.add_route(add_federation_person, "/federations/<federation:str>/people/add", methods=["POST"])
    console.add_route(
        remove_federation_person, "/federations/<federation:str>/people/<person:str>/remove", methods=["POST"]
    )


@guarded(Permission.SEE_CASES)
async def federations(request: Request) -> HTTPResponse:
    """A page of them, of her own branch unless another area is asked for."""
    return await _list(request)


@guarded(Permission.SEE_CASES)
async def export_federations(request: Request) -> HTTPResponse:
    """Those of her branch as a file, whole; it can be put in again."""
    return await export(request, "妇联组织", COLUMNS, sheet_rows(await _exported(request)))


@guarded(Permission.SEE_CASES)
async def export_federation_people(request: Request) -> HTTPResponse:
    """Their people, the same way."""
    return await export(request, "妇联组织的人", PEOPLE_COLUMNS, people_rows(await _exported(request)))


@guarded(Permission.KEEP_DIRECTORY)
async def import_federations(request: Request) -> HTTPResponse:
    """All rows or none, every bad one told."""
    sheets = request.app.ctx.services.office.federation_sheets
    return await taken_in(request, sheets.put_in, _list, LIST)


@guarded(Permission.KEEP_DIRECTORY)
async def import_federation_people(request: Request) -> HTTPResponse:
    """The same, of people: a federation that the file names has exactly these afterwards."""
    sheets = request.app.ctx.services.office.federation_sheets
    return await taken_in(request, sheets.put_people_in, _list, LIST, told=("people_came", "of"))


@guarded(Permission.KEEP_DIRECTORY)
async def add_federation(request: Request) -> HTTPResponse:
    """A new one."""
    try:
        made = await _desk(request).add(request.ctx.officer, _written(request))
    except (BadInput, Conflict) as refused:
        return await _list(request, refused)
    return back_to(f"{LIST}/{made}", said="added")


@guarded(Permission.SEE_CASES)
async def federation(request: Request, federation: str) -> HTTPResponse:
    """One of them with its people; whoever keeps it finds the forms below."""
    return await _one(request, federation)


@guarded(Permission.KEEP_DIRECTORY)
async def change_federation(request: Request, federation: str) -> HTTPResponse:
    """Another name, office, number or hours."""
    try:
        await _desk(request).change(request.ctx.officer, federation, _written(request))
    except (BadInput, Conflict) as refused:
        return await _one(request, federation, refused)
    return back_to(f"{LIST}/{federation}", said="changed")


@guarded(Permission.KEEP_DIRECTORY)
async def remove_federation(request: Request, federation: str) -> HTTPResponse:
    """Out of the directory, unless an account or a case belongs to it."""
    try:
        await _desk(request).remove(request.ctx.officer, federation)
    except Conflict as refused:
        return await _one(request, federation, refused)
    return back_to(LIST, said="removed")


@guarded(Permission.KEEP_DIRECTORY)
async def add_federation_person(request: Request, federation: str) -> HTTPResponse:
    """Somebody holds an office in it."""
    title, name, duty, on_duty = (form(request, field) for field in ("title", "name", "duty", "on_duty"))
    person = Person(title, name, duty, on_duty)
    try:
        await _desk(request).add_person(request.ctx.officer, federation, person)
    except BadInput as refused:
        return await _one(request, federation, refused, person)
    return back_to(f"{LIST}/{federation}", said="person")


@guarded(Permission.KEEP_DIRECTORY)
async def remove_federation_person(request: Request, federation: str, person: str) -> HTTPResponse:
    """She does not any more."""
    await _desk(request).remove_person(request.ctx.officer, federation, person)
    return back_to(f"{LIST}/{federation}", said="person_gone")


async def _list(request: Request, refused: Refused | None = None) -> HTTPResponse:
    officer, asked, number = request.ctx.officer, _asked(request), read_page(request.args.get("page", ""))
    found: list[FederationLine] = []
    wanted = FederationFilter()
    try:
        wanted = _wanted(request, asked)
        found = await _desk(request).page(officer, wanted, offset=(number - 1) * A_PAGE, limit=A_PAGE + 1)
    except BadInput as wrong:
        refused = refused or wrong
    typed = {name: form(request, name) if request.method == "POST" else "" for name in FIELDS}
    return page(
        request, "federations.html", refused.status if refused else 200, rows=found[:A_PAGE], more=len(found) > A_PAGE,
        number=number, asked=asked, refused=refused, said=_said(request), typed=typed,
        figures=await _desk(request).figures(officer, wanted.area), keeps=officer.may(Permission.KEEP_DIRECTORY),
        exports=officer.may(Permission.EXPORT), query=urlencode({name: value for name, value in asked.items() if value}),
        federation_kinds=FEDERATION_WORDS, columns=COLUMNS, people_columns=PEOPLE_COLUMNS,
    )  # fmt: skip


async def _one(
    request: Request, federation: str, refused: Refused | None = None, person: Person | None = None
) -> HTTPResponse:
    one = await _desk(request).one(request.ctx.officer, federation)
    wrong = refused is not None and person is None and "name" in (request.form or {})
    known = {"name": one.name, "kind": one.kind.value, "parent": one.parent, "area": one.area, "office": one.office,
             "phone": one.phone, "hours": one.hours}  # fmt: skip
    return page(
        request, "federation.html", refused.status if refused else 200, one=one, refused=refused,
        typed={name: form(request, name) for name in FIELDS} if wrong else known, person=person or Person(""),
        said=SAID.get(request.args.get("said", ""), ""), federation_kinds=FEDERATION_WORDS,
    )  # fmt: skip


async def _exported(request: Request) -> list[FederationLine]:
    """What the list shows, of her own branch: only that could be put in again."""
    officer = request.ctx.officer
    if not officer.may(Permission.EXPORT):
        raise NotFound
    wanted = _wanted(request, _asked(request))
    area = wanted.area if officer.covers(wanted.area) else officer.area
    mine = FederationFilter(wanted.words, wanted.kind, area, wanted.empty)
    return await _desk(request).page(officer, mine, limit=MOST_ROWS)


def _desk(request: Request) -> FederationDesk:
    desk: FederationDesk = request.app.ctx.services.office.federation_desk
    return desk


def _written(request: Request) -> Wanted:
    kind, area = form(request, "kind"), form(request, "area")
    if kind not in set(FederationKind):
        raise BadInput("请选一个类型。")
    return Wanted(
        form(request, "name"), FederationKind(kind), _desk(request).area(area) if area else "", form(request, "parent"),
        form(request, "office"), form(request, "phone"), form(request, "hours"),
    )  # fmt: skip


def _said(request: Request) -> str:
    came, known, people, of = (request.args.get(name, "") for name in ("came", "known", "people_came", "of"))
    if people.isdecimal() and of.isdecimal():
        return f"导入了 {int(of)} 个妇联的 {int(people)} 人，这几个妇联原来的人换成了表里的。"
    if came.isdecimal() and known.isdecimal():
        return f"导入了 {int(came)} 个，更新了 {int(known)} 个。"
    return SAID.get(request.args.get("said", ""), "")


def _asked(request: Request) -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:60] for name in FILTERS}


def _wanted(request: Request, asked: dict[str, str]) -> FederationFilter:
    """The filters as they were written; without an area her own branch. Raises BadInput for an area that is none."""
    return FederationFilter(
        words=asked["q"],
        kind=FederationKind(asked["kind"]) if asked["kind"] in set(FederationKind) else None,
        area=_desk(request).area(asked["area"]) if asked["area"] else request.ctx.officer.area,
        empty=asked["people"] == "none",
    )

import sys
sys.path.insert(0,'/work/main')
from tests.browser.test_case_page import *
from tests.browser.test_case_page import rooms, opened
from bot.storage.conversations import Conversation
from tests.integration.staffing import PASSWORD
from bot.domain.aid import AidStatus
import inspect, tests.browser.test_case_page as m
print([n for n in dir(m)])

def test_look(rooms, opened):
    desk = rooms.hire("张敏")
    async def go():
        w = rooms.office.work
        await w.say("我住柳林街道，日子过不下去了，男人没了带俩娃")
        [c] = await w.rows(Conversation)
        a = await w.office.aid.apply(c.public_id, "dibao", ("identity",))
        await w.office.aid.apply(c.public_id, "mother", ())
        case=(await w.case()).public_id
        await w.office.aid_desk.move(case, desk.officer, a.id, AidStatus.REFUSED, "家里人均收入超过标准，可以先问临时救助")
    rooms.run(go())
    for name,size in (("wide",{"width":1280,"height":900}),("small",{"width":390,"height":844})):
        page = opened(size)
        for c in desk.client.cookies.jar:
            page.context.add_cookies([{"name":c.name,"value":c.value,"url":rooms.office.url+"/console"}])
        page.goto(rooms.case()+"#aid"); page.locator('#aid details').first.locator('summary').click() if page.locator('#aid details').count() else None
        page.locator('#aid').screenshot(path=f"/tmp/aid_{name}_case.png")
        page.goto("/console/aid"); page.screenshot(path=f"/tmp/aid_{name}_list.png", full_page=True)
        print(name, page.evaluate("document.documentElement.scrollWidth"))

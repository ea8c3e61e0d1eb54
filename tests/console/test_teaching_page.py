"""The pages of teaching: a change set read and approved by another person, a training followed, a model put live and taken back."""

import re
from xml.etree import ElementTree as ET

import pytest

from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.domain.reviews import MarkedEntity
from tests.console.conftest import Office, words
from tests.integration.schooling import WORSE, School

PAGE = "/console/teaching"


@pytest.fixture
async def school(office: Office) -> School:
    made: School = office.app.ctx.services.school
    await office.enter(Role.REVIEWER)
    return made


async def proposed(office: Office, school: School, *texts: str) -> str:
    """A change set of these sentences → its page; who proposed it is signed in."""
    for text in texts:
        await school.corrected(text)
    response = await office.post(f"{PAGE}/propose")
    assert response.status_code == 303, words(response.text)
    return response.headers["location"].partition("?")[0]


async def approved(office: Office, school: School, *texts: str) -> str:
    """The same, approved by a supervisor, who stays signed in → its id."""
    path = await proposed(office, school, *texts)
    await office.enter(Role.SUPERVISOR)
    assert "已批准" in await office.follow(await office.post(f"{path}/approve"))
    return path.rpartition("/")[2]


async def trained(office: Office, school: School, **fields: str) -> str:
    """A training asked for on the page and carried out → its page."""
    response = await office.post(f"{PAGE}/train", **fields)
    assert response.status_code == 303, words(response.text)
    await school.retraining.run(school.launched[-1])
    return f"{PAGE}/trainings/{school.launched[-1]}"


async def test_corrections_are_proposed_and_each_line_shows_its_checks(office: Office, school: School) -> None:
    assert "没有新的、采纳了的改正" in words(await office.page(PAGE))
    await school.corrected("我叫王小红,孩子判给谁好呢", entities=(MarkedEntity(7, 9, "role"),))
    path = await proposed(office, school, "想离婚怎么弄好呢")
    page = words(await office.page(path))
    for word in (
        "[孩子](role)判给谁好呢",
        "去掉了遮住的内容",
        "我叫［姓名］",
        "训练数据里已有这一句",
        "可教 1 句",
        "由另一个人来批准",
    ):
        assert word in page
    assert "王小红" not in page
    assert (await office.post(f"{PAGE}/propose")).status_code == 400
    assert [deed.actor for deed in await office.acts(Act.TEACHING_PROPOSED)] == [office.officer]


async def test_the_lines_are_filtered(office: Office, school: School) -> None:
    path = await proposed(office, school, "孩子上学户口的事找谁", "想离婚怎么弄好呢")
    assert "想离婚怎么弄好呢" not in await office.page(f"{path}?show=taught")
    assert "孩子上学户口的事找谁" not in await office.page(f"{path}?show=refused")


async def test_who_proposed_has_no_button_and_no_way_around(office: Office, school: School) -> None:
    path = await proposed(office, school, "孩子上学户口的事找谁")
    assert f"{path}/approve" not in await office.page(path)
    for act in ("approve", "refuse"):
        response = await office.post(f"{path}/{act}")
        assert (response.status_code, "另一个人来批准" in response.text) == (400, True)


async def test_a_second_person_leaves_lines_out_and_approves(office: Office, school: School) -> None:
    path = await proposed(office, school, "孩子上学户口的事找谁", "他不让我见儿子咋整")
    await office.enter(Role.REVIEWER)
    numbers = re.findall(r'name="drop" value="(\d+)"', await office.page(path))
    page = words(await office.follow(await office.post(f"{path}/approve", drop=numbers[1])))
    assert "可教 1 句" in page
    assert "批准的人去掉了这一句" in page
    assert (await office.post(f"{path}/approve")).status_code == 409
    [file] = (school.folder / "teaching").rglob("nlu.yml")
    assert "儿子" not in file.read_text(encoding="utf-8")


async def test_a_training_is_followed_to_its_comparison(office: Office, school: School) -> None:
    change_set = await approved(office, school, "孩子上学户口的事找谁")
    response = await office.post(f"{PAGE}/train", change_set=change_set)
    page = await office.follow(response)
    path = response.headers["location"].partition("?")[0]
    assert f'data-progress="{path}/progress"' in page
    assert (await office.client.get(f"{path}/progress")).json() == {"step": "", "done": 0, "steps": 0, "ended": False}
    assert (await office.post(f"{PAGE}/train")).status_code == 409
    await school.retraining.run(school.launched[0])
    assert (await office.client.get(f"{path}/progress")).json()["ended"] is True
    page = await office.page(path)
    assert "data-progress" not in page
    assert "● 识别 all" in words(page)
    picture = await office.client.get(f"{path}/picture.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert ET.fromstring(picture.text).tag.endswith("svg")


async def test_a_model_goes_live_and_is_taken_back(office: Office, school: School) -> None:
    path = await trained(office, school)
    assert "没有更早的模型可以退回" in await office.page(PAGE)
    page = words(await office.follow(await office.post(f"{path}/promote")))
    assert "新模型已经上线，没有一轮对话中断" in page
    assert school.engine.answers == "trained 1"
    assert f"{path}/promote" not in await office.page(path)
    page = words(await office.follow(await office.post(f"{PAGE}/rollback")))
    assert "已经退回上一个模型" in page
    assert "0.5 秒，同时照常回答" in page
    assert school.engine.answers == "base"
    for act in (Act.MODEL_TRAINED, Act.MODEL_PROMOTED, Act.MODEL_ROLLED_BACK):
        assert [deed.actor for deed in await office.acts(act)] == [office.officer], act


async def test_what_is_live_changes_only_with_a_second_factor_given_just_now(office: Office, school: School) -> None:
    path = await trained(office, school)
    await office.enter(Role.REVIEWER)
    login = f"reviewer{office.hired}"
    office.made.clock.pass_by(minutes=6)
    assert 'name="code"' in await office.page(path)
    for fields, status in (({}, 403), ({"code": "000000"}, 401)):
        refused = await office.post(f"{path}/promote", **fields)
        assert refused.status_code == status
        assert "上线" in refused.text
    assert school.engine.answers == "base"
    assert not await office.acts(Act.MODEL_PROMOTED)
    code = office.staffed.code(login)
    assert "新模型已经上线" in await office.follow(await office.post(f"{path}/promote", code=code))
    office.made.clock.pass_by(minutes=6)
    assert (await office.post(f"{PAGE}/rollback", code=code)).status_code == 401  # no code is good twice
    assert (await office.post(f"{PAGE}/rollback")).status_code == 403
    assert 'name="code"' in await office.page(PAGE)
    assert school.engine.answers == "trained 1"
    code = office.staffed.code(login)
    assert "已经退回" in await office.follow(await office.post(f"{PAGE}/rollback", code=code))
    assert 'name="code"' not in await office.page(PAGE)


async def test_a_model_that_sees_less_danger_has_no_button(office: Office, school: School) -> None:
    school.examiner.of["trained 1"] = WORSE
    path = await trained(office, school)
    page = await office.page(path)
    assert "不能上线" in page
    assert "从 90/100 降到 89/100" in page
    assert f"{path}/promote" not in page
    refused = await office.post(f"{path}/promote")
    assert (refused.status_code, "不能上线" in refused.text) == (409, True)
    assert school.engine.used == []


async def test_a_broken_training_says_so(office: Office, school: School) -> None:
    school.trainer.broken = True
    await office.post(f"{PAGE}/train")
    with pytest.raises(Exception, match="没有成功"):
        await school.retraining.run(school.launched[0])
    page = words(await office.page(f"{PAGE}/trainings/{school.launched[0]}"))
    assert "正在用的模型没有动" in page
    assert (await office.client.get(f"{PAGE}/trainings/{school.launched[0]}/picture.svg")).status_code == 404


async def test_an_engine_that_answers_with_another_model_is_told(office: Office, school: School) -> None:
    school.engine.answers = "something else"
    assert "用的是另一个模型" in await office.page(PAGE)
    school.engine.running = False
    assert "对话引擎现在没有回应" in await office.page(PAGE)


async def test_without_an_engine_the_next_start_has_the_model(office: Office, school: School) -> None:
    school.engine.running = False
    path = await trained(office, school)
    assert "下次启动就用这个模型" in await office.follow(await office.post(f"{path}/promote"))


async def test_a_district_is_told_who_teaches_and_does_nothing(office: Office, school: School) -> None:
    path = await trained(office, school)
    await office.enter(Role.REVIEWER, "120113")
    assert "由全市范围的" in await office.page(PAGE)
    await office.page(path, 404)
    for act in (f"{PAGE}/propose", f"{PAGE}/train", f"{PAGE}/rollback", f"{path}/promote"):
        assert (await office.post(act)).status_code == 404, act


async def test_change_sets_are_filtered_and_have_pages(office: Office, school: School) -> None:
    for at in range(21):
        await proposed(office, school, f"第{at}个孩子{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌'[at] * 6}怎么办")
    first = await office.page(PAGE)
    older = re.search(r'href="([^"]+before=\d+[^"]*)">更早的', first)
    assert older
    assert first.count("/console/teaching/sets/") == 20
    assert (await office.page(older[1].replace("&amp;", "&"))).count("/console/teaching/sets/") == 1
    assert "/console/teaching/sets/" not in await office.page(f"{PAGE}?state=approved")

"""Sample activities of the pilot area for the next six weeks: real names of units, everything else invented and marked so."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from bot.domain.accounts import branch
from bot.domain.activities import ActivityStatus, ActivityTopic
from bot.language.places import Division, Gazetteer
from bot.storage.activities import Activity, ActivityStore
from bot.storage.activity_samples import ActivitySamples
from bot.storage.database import Database

DAYS = 42
WEEK = timedelta(days=7)
ORGANIZER = "示例妇联（虚构）"
NOTE = "（示例数据，不是真的活动。）"


class Hours(Enum):
    """When an invented activity is: on working days by day or in the evening, or at the weekend."""

    MORNING = time(9, 30)
    AFTERNOON = time(14, 0)
    EVENING = time(18, 30)
    SATURDAY = time(10, 0)
    SUNDAY = time(14, 30)


@dataclass(frozen=True, slots=True)
class Sample:
    """One invented activity. `seats` None: no limit; `taken`: how many seats are gone already."""

    topic: ActivityTopic
    title: str
    audience: str
    description: str
    hours: Hours
    seats: int | None = 20
    taken: int = 0
    weeks: int = 1


FAMILY, STORIES, TRAINING, STARTUP, DATING, CHILD, OTHER = ActivityTopic
MORNING, AFTERNOON, EVENING, SATURDAY, SUNDAY = Hours
SAMPLES = (
    Sample(FAMILY, "和青春期的孩子好好说话", "初中生的家长", "两位老师带着练，带上您最头疼的一句话。", EVENING, 30),
    Sample(FAMILY, "手机放下十分钟：亲子沟通课", "小学生的家长", "教几个在家就能用的小办法。", SATURDAY, 24),
    Sample(FAMILY, "隔代带孩子，怎么不吵架", "老人和年轻父母", "可以两代人一起来。", MORNING, 20),
    Sample(FAMILY, "上小学前准备什么", "大班孩子的家长", "小学老师答疑，不推销课程。", SUNDAY, 40),
    Sample(FAMILY, "夫妻沟通小组", "已婚的姐妹", "六个人一组，说的话不出这个屋。", EVENING, 6, 6, 3),
    Sample(STORIES, "最美家风故事会：我家的老规矩", "", "听三家人讲，也可以自己上台讲五分钟。", SATURDAY, 60),
    Sample(STORIES, "家风故事会：婆媳两代人", "", "讲完一起包饺子。", SUNDAY, 40),
    Sample(STORIES, "好家风进楼门", "本楼居民", "带一张老照片来讲讲。", EVENING, None),
    Sample(STORIES, "邻里故事会：这条街的变化", "", "街坊自己讲，有茶水。", AFTERNOON, 30),
    Sample(TRAINING, "家政服务员培训（三次课）", "想找工作的姐妹", "学完可以考证，结业帮着推荐。", MORNING, 30, 0, 3),
    Sample(TRAINING, "养老护理入门", "想找工作的姐妹", "翻身、喂饭、量血压，动手练。", AFTERNOON, 24),
    Sample(TRAINING, "手机拍短视频", "", "从开机教起，带上手机和充电器。", EVENING, 20),
    Sample(TRAINING, "法律小课堂：婚姻和财产", "", "律师讲一小时，答疑半小时，可以不说自己的事。", EVENING, 40),
    Sample(TRAINING, "普通话和识字班", "外来的姐妹", "零基础，慢慢教。", EVENING, 16, 0, 3),
    Sample(TRAINING, "剪纸和钩针", "", "材料都准备好，会的教不会的。", SATURDAY, 5, 5),
    Sample(TRAINING, "骑电动车的安全课", "", "先讲后骑，带头盔。", SUNDAY, 20),
    Sample(STARTUP, "开一家小店要算哪些账", "想创业的姐妹", "租金、进货、人工，一笔一笔算。", EVENING, 30),
    Sample(STARTUP, "直播卖货第一课", "想创业的姐妹", "拍、讲、发货、售后。", SATURDAY, 30),
    Sample(STARTUP, "小额贷款怎么申请", "想创业的姐妹", "讲要什么材料，当场看材料齐不齐。", AFTERNOON, 25),
    Sample(STARTUP, "项目路演：手工和农产品", "", "八个项目，每个八分钟，台下可以问。", SUNDAY, 80),
    Sample(STARTUP, "创业导师一对一", "已经开店的姐妹", "每人四十分钟，带上账本。", AFTERNOON, 4, 4, 2),
    Sample(STARTUP, "返乡创业茶话会", "回乡的姐妹", "听两位过来人讲，互相留意合伙的人。", SATURDAY, 30),
    Sample(DATING, "周末读书会交友", "25–40 岁单身青年", "聊一本书，不报收入，不当众打分。", SATURDAY, 30),
    Sample(DATING, "公园徒步交友", "单身青年", "走五公里，中午自己带饭。", SUNDAY, 40),
    Sample(DATING, "再婚姐妹茶话会", "想再找个伴的姐妹", "人少，慢慢聊。", AFTERNOON, 6, 6),
    Sample(DATING, "晚间桌游交友", "单身青年", "六人一桌，会教。", EVENING, 24),
    Sample(DATING, "婚前课堂：钱、家务和两家父母", "准备结婚的年轻人", "一个人来、两个人来都行。", EVENING, 30),
    Sample(CHILD, "孕期营养课", "准妈妈和家人", "营养师讲，带上产检本。", MORNING, 20),
    Sample(CHILD, "新生儿护理实操", "准父母", "洗澡、拍嗝、换尿布，用娃娃练。", SATURDAY, 12),
    Sample(CHILD, "产后恢复和情绪", "产后一年内的妈妈", "可以带宝宝来，有人帮着抱。", MORNING, 15),
    Sample(CHILD, "亲子阅读：一起读绘本", "2–6 岁的孩子和家长", "每家借一本回去。", SATURDAY, 20, 0, 3),
    Sample(CHILD, "亲子运动会", "3–8 岁的孩子和家长", "穿运动鞋，带水。", SUNDAY, None),
    Sample(CHILD, "哺乳互助小组", "哺乳期的妈妈", "有单独的屋子。", AFTERNOON, 6, 6),
    Sample(OTHER, "单亲妈妈互助小组", "单亲妈妈", "有人看孩子，来坐坐就好。", SUNDAY, 12),
    Sample(OTHER, "两癌筛查知识课", "35–64 岁的姐妹", "讲怎么查、在哪查、查出来怎么办。", MORNING, 40),
    Sample(OTHER, "广场舞和健步走", "", "下雨改期。", EVENING, None),
    Sample(OTHER, "旧衣改造", "", "带一件旧衣服来。", AFTERNOON, 16),
    Sample(OTHER, "志愿者见面会", "想当志愿者的姐妹", "认识一下，说说能做什么、什么时候有空。", SATURDAY, 30),
)
"""All kinds; some are full, some have no limit, some come every week."""


async def load_sample_activities(
    database: Database, gazetteer: Gazetteer, *, clock: Callable[[], datetime], zone: str
) -> int:
    """Replace the sample rows → how many there are; none where the office has activities of its own."""
    now = clock().astimezone(ZoneInfo(zone))
    async with database.write() as session:
        samples, store = ActivitySamples(session), ActivityStore(session)
        await samples.remove()
        if not await samples.is_empty():
            return 0
        women = await samples.women(max(sample.taken for sample in SAMPLES), now)
        made = 0
        for row, taken in sample_activities(gazetteer, now):
            await store.add(row)
            await samples.seat(row, women[:taken], now)
            made += 1
    return made


def sample_activities(gazetteer: Gazetteer, now: datetime) -> Iterator[tuple[Activity, int]]:
    """(activity, seats that are gone); the same each time but for the days, which count from `now` (local)."""
    rng = random.Random("activities")  # noqa: S311 - invented data, the same each time
    towns = _towns(gazetteer, rng)
    for number, sample in enumerate(SAMPLES):
        town = towns[number % len(towns)]
        first = now + timedelta(days=1 + number * DAYS // len(SAMPLES) % (DAYS - 7 * (sample.weeks - 1)))
        series = f"sample{number:02d}" if sample.weeks > 1 else None
        for week in range(sample.weeks):
            row = _activity(gazetteer, sample, town, _begins(first + week * WEEK, sample.hours), now)
            row.series, row.sign_in_code = series, f"{rng.randrange(10**6):06d}"
            yield row, sample.taken if week == 0 else 0


def _towns(gazetteer: Gazetteer, rng: random.Random) -> list[Division]:
    """One town after another from each district in turn, so that every district has some; no works or zones."""
    towns = [town for town in gazetteer.divisions("town") if town.name.endswith(("街道", "镇", "乡"))]
    by_district = [
        rng.sample(inside, len(inside))
        for district in gazetteer.districts()
        if (inside := [town for town in towns if town.code.startswith(branch(district.code))])
    ]
    longest = max(map(len, by_district))
    return [inside[at] for at in range(longest) for inside in by_district if at < len(inside)]


def _begins(day: datetime, hours: Hours) -> datetime:
    """On that day or the next one of the kind."""
    wanted = {Hours.SATURDAY: (5,), Hours.SUNDAY: (6,)}.get(hours, range(5))
    while day.weekday() not in wanted:
        day += timedelta(days=1)
    return datetime.combine(day.date(), hours.value, day.tzinfo)


def _activity(gazetteer: Gazetteer, sample: Sample, town: Division, begins: datetime, now: datetime) -> Activity:
    point, _ = gazetteer.point_of(town.code)
    return Activity(
        topic=sample.topic, title=f"{sample.title}（示例）", description=f"{sample.description}{NOTE}",
        audience=sample.audience, division_code=branch(town.code), place=f"（示例）{town.name}妇女之家活动室",
        latitude=point.latitude, longitude=point.longitude, starts_at=begins, ends_at=begins + timedelta(minutes=90),
        seats=sample.seats, status=ActivityStatus.PUBLISHED, organizer=ORGANIZER, created_at=now, synthetic=True,
    )  # fmt: skip

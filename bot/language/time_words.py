"""The words of time, as data: numbers, parts of the day, festivals, and words that only look like times.

The hours of the parts are ours; who changes them changes what 「上午」 offers. Minutes are counted from midnight, and
may pass 24 × 60: the night goes on into the next day.
"""

import re
from dataclasses import dataclass

DIGITS = {sign: value for value, signs in enumerate(("〇零", "一", "二两俩", "三仨", "四", "五", "六", "七", "八", "九"))
          for sign in signs}  # fmt: skip
TENS = {"廿": 20, "卅": 30}
ONE = "[一二三四五六七八九]"
NUMBER = rf"(?:\d{{1,2}}(?!\d)|[廿卅]{ONE}?|{ONE}?十{ONE}?|[〇零]{ONE}|[〇零一二两俩三仨四五六七八九])"
"""A number below 100, in digits or in Chinese."""
RUN = r"[\d.〇零一二两俩三仨四五六七八九十廿卅百千万亿]"
"""One sign of any number, for skipping a number that is no time."""
WEEK = "(?:周|星期|礼拜)"
WEEKDAY = r"(?:[一二三四五六日]|天(?![气天])|[1-7](?!\d))"


def number(text: str) -> int:
    """「12」「十二」「廿三」「零五」「二零二六」 → int. Text must be of these signs."""
    if text.isdecimal():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return DIGITS.get(tens, 1) * 10 + DIGITS.get(ones, 0)
    if text[0] in TENS:
        return TENS[text[0]] + DIGITS.get(text[1:], 0)
    return int("".join(str(DIGITS[sign]) for sign in text))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day: its hours when nothing more is said, and the hours that may be named within it.

    `hours` counts on past 24 into the next day: 「半夜两点」 is 2 or 26.
    """

    name: str
    opens: int
    closes: int
    hours: frozenset[int]
    words: str
    """An expression of the words that mean it."""


def _part(name: str, opens: str, closes: str, hours: range | frozenset[int], words: str) -> Part:
    return Part(name, minutes(opens), minutes(closes), frozenset(hours), words)


def minutes(clock: str) -> int:
    """「08:30」 → 510."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


NIGHT = frozenset(range(6)) | frozenset(range(20, 30))
PARTS = (
    _part(
        "下班后", "17:30", "21:00", range(16, 24),
        "(?:下了?班|放工|收工)(?:了?以后|之后|后|的时候|时间|了|(?=.{0,4}[去来过到]))",
    ),
    _part("下班前", "08:00", "17:30", range(8, 19), "(?:下班|关门)(?:以前|之前|前)"),
    _part("放学后", "16:00", "18:00", range(14, 20), "放了?学(?:以后|之后|后)"),
    _part("早饭后", "07:30", "09:00", range(6, 11), "(?:吃[完过])?早饭(?:以后|之后|后)"),
    _part("午饭后", "12:30", "14:00", range(11, 16), "(?:吃[完过])?(?:午饭|中饭|晌午饭)(?:以后|之后|后)"),
    _part("晚饭后", "18:30", "21:00", range(17, 24), "(?:吃[完过])?晚饭(?:以后|之后|后)"),
    _part("上班时间", "09:00", "17:00", range(8, 19), "(?:上班|办公|工作)(?:时间|的时候)"),
    _part("凌晨", "00:00", "06:00", range(7), "凌晨|后半夜"),
    _part("中午", "11:30", "13:30", range(10, 16), "大?中午头儿?|(?:大?中|正)午|晌午头?儿?|午间|午休"),
    _part("早上", "06:00", "10:00", range(12), "一?大清?早[上晨]?|一早儿?|清[早晨]|早[上晨]|早间|早起(?![床来])"),
    _part("上午", "08:00", "12:00", range(5, 13), "上午|午前|头[午晌]|前[半]?晌午?"),
    _part("下午", "13:00", "18:00", range(12, 20), "下午|午后|过午|后半?晌午?|下半?晌午?"),
    _part("傍晚", "17:00", "19:00", range(16, 21), "傍晚|傍黑儿?|擦黑儿?|黄昏|下晚儿?"),
    _part("夜里", "21:00", "24:00", NIGHT, "大?半夜|[深午]夜|夜[里间晚]|后?半夜"),
    _part("晚上", "18:00", "21:00", range(17, 25), "晚[上间]"),
    _part("白天", "08:00", "18:00", range(7, 19), "白天|大白天"),
)  # fmt: skip
SHORT_PARTS = {"早": "早上", "晚": "晚上", "夜": "晚上"}
"""One sign is enough after a day (明早, 周三晚) or before an hour (晚七点)."""

FESTIVALS = {
    r"元旦节?": (1, 1),
    r"情人节": (2, 14),
    r"三八(?:国际)?(?:劳动)?(?:妇女)?节|(?:国际)?妇女节|三八(?=$|那|当|这|前|后|之|以|活动|期间|[，,。？?！!])": (3, 8),
    r"植树节": (3, 12),
    r"五一(?:国际)?(?:劳动)?节?|劳动节": (5, 1),
    r"五四青?年?节|青年节": (5, 4),
    r"六一(?:国际)?(?:儿童)?节?|儿童节": (6, 1),
    r"七一建党节?|建党节": (7, 1),
    r"八一建军节?|建军节": (8, 1),
    r"教师节": (9, 10),
    r"十一国庆节?|国庆节?|十一(?=节|长假|假期|黄金周|期间|放假|那天|当天|那几天|之[前后]|以[前后])": (10, 1),
    r"双(?:十一|11)": (11, 11),
    r"双(?:十二|12)": (12, 12),
    r"平安夜": (12, 24),
    r"圣诞节?": (12, 25),
    r"跨年夜?": (12, 31),
}
LUNAR_FESTIVALS = {
    r"大年三十儿?|(?<![今去明前后每几])年三十(?![一二三四五六七八九多来岁])|大年夜|除夕夜?": (12, 30),
    r"小年儿?(?![轻龄纪])": (12, 23),
    r"腊八节?儿?": (12, 8),
    r"春节|大年初一": (1, 1),
    r"元宵节?|上元节": (1, 15),
    r"龙抬头": (2, 2),
    r"端午节?|端阳节?|五月节": (5, 5),
    r"七夕节?": (7, 7),
    r"中元节": (7, 15),
    r"中秋节?|八月节": (8, 15),
    r"重阳节?": (9, 9),
}
"""Month and day of the farmers' calendar; the 30th stands for the last day of its month."""
SOLAR_TERMS = r"(?:清明|立春|立夏|夏至|立秋|立冬|冬至)节?"
PERIOD = re.compile(r"(?:长假|小长假|假期|黄金周|期间|放假|那几天|前后|这几天|左右)")
"""Behind a festival: days that the government sets, so they are asked for."""

UNITS = (
    r"岁|周岁|虚岁|元|块|毛|分钱|万|千|百|亿|斤|公里|里地|米|平|度|%|倍|人|个人|名|位|口|套|间|张|份|本|条|只|遍|次|回|顿|趟|种|件|项|页|"
    r"级|届|班|期(?!间)|路|层|楼|栋|幢|座|单元|门|室|户|弄|巷|胡同|环|年级|胎|婚|孩|宝|线|把|巴掌|拳|刀|批|类|步|碗|瓶|片|针|站|月龄|月大|"
    r"多岁|来岁|几岁|多块|多万|多个|个多|周年|个字|个问题|个孩子"
)
SPANS_OF_TIME = (
    r"(?:多|来)?(?:个(?:多|半)?(?:月|小时|钟头|星期|礼拜|季度|世纪|学期|晚上|夜晚)"
    r"|小时|钟头|分钟|刻钟|秒钟?|天|晚上?|宿|夜|周|年|辈子)(?:半|多)?"
)
POINTS = (
    r"(?:建议|意见|原因|要求|问题|想法|理由|疑问|诉求|希望|补充|说明|内容|感受|体会|优点|缺点|好处|坏处|不满|顾虑|疑惑|水|"
    r"一线|式|共识)"
)
HOUSE_NUMBER = (
    r"(?:楼|院|线|路|门|房|室|库|桌|台|窗|柜|厅|馆|病|床|店|铺|公寓|别墅|地铁|码|称|机|技师|律师|老师|医生|人|选手|文件|令|公告|信箱|副|"
    r"之\d|附|[甲乙丙]|[a-z]|仓|坑|井|车|公交|会议|教室|\d{1,4}(?![\d点:时.号日月]))"
)

NO_TIME = re.compile(
    r"\d{5,}|\d+(?:-\d+){2,}|\d+(?:\.\d+)?%"
    rf"|第{RUN}+[点号日月天周节]?|百分之{RUN}+(?:点{RUN}+)?"
    rf"|(?:{RUN}+|几)(?:{UNITS}|{SPANS_OF_TIME})|半个?多?(?:小时|钟头?|月|年|学期|世纪|辈子|分钟)"
    rf"|{NUMBER}号{HOUSE_NUMBER}|{NUMBER}点{POINTS}|{NUMBER}点[一二三四五六七八九1-9](?=$|[，,。？?！!万元块米斤倍%个])"
    r"|(?:有|差|早|晚|快|慢|多|少|好|大|小|远|近|高|低|这么|那么|哪怕|轻|重|便宜|清楚)一?点点?(?![钟半整\d])(?!.?刻)"
    r"|一时|[两俩仨]月|一点(?:点|儿|也(?!行|可)|不|没|什么|啥|办法|用|钱|事|力|意思|小|都(?!行|可|方便|没问题))|三点水"
    r"|(?:早上|上午|中午|下午|晚上|晚)好(?=$|[，,。！!啊呀~、])|早安|晚安|午安|早晚(?!各|都|班)|从早到晚|一天到晚|起早贪黑"
    r"|一整?个?(?:天|上午|下午|晚上?|夜|宿)(?!早)|[整成](?:天|晚|夜|宿)|半天|半辈子|三天两头|十天半个?月"
    r"|今后|今生|今世|当今|如今|至今|先天|后天(?:的?努力|性|培养|形成)|明天会更好|十月怀胎|坐月子"
    r"|五四运动|五四精神"
    r"|(?:五一|六一|国庆|元旦|八一|五四|七一|十一|三八)(?:路|街|大街|大道|道(?!歉)|广场|礼堂|小学|中学|公园|阳光|里|村|新村)"
    r"|三八(?:红旗|线|婆|妇乐|大盖)|死三八|双一流|放学路上|上班族|下班路上|上下班"
)
"""What looks like a time and is none; it is passed over in one piece."""

ASKING = re.compile(
    r"(?:几点钟?|几号|几时|几月|何时|哪天|哪一天|哪个时间|周几|星期几|礼拜几|(?:什么|嘛|啥|吗|么|多会|多)(?:时候|时间|会儿|咱)"
    r"|多咱|任何时间|随时|全天|时间)(?P<any>(?:也|都|全)(?:可以|行|成|方便|有空|有时间|能|没问题|好|可)|均可)?"
)
"""A question about the time is none; but 「几点都行」 is an answer that leaves it open."""

VAGUE = re.compile(
    r"(?:再?过|隔)(?:几|两|些|一?段|一?阵)(?:天|日|日子|时间|子|儿)?(?:以?后|再说)?|改[天日]|赶明儿个?(?=再|有空|我)|改明儿|"
    r"[这近](?:几|些)(?:天|日)|最近几天|未来几天|近期(?=.{0,4}[约去来])|尽[快早]|越[快早]越好|随时(?:都?(?:可以|行|能|有空|方便|过来|过去|有时间))|"
    r"等[一]?会儿?|待会儿?|呆会儿?|过[一]?会儿?|一会儿(?!.{0,6}一会儿)(?=.{0,4}[去来到约])|稍[后晚]|晚些时候|"
    r"[早晚]一?点儿?(?=$|再|去|来|过|吧|行|可|[，,。？?！!])|年[前后](?![夜])|节[前后]|过完[年节]|过年|开春|放假(?:的?时候|以?后|了再)|[寒暑]假|开学(?:以?后|了再|的?时候)|"
    r"周中|下?周中间|平日里?|有空(?:了|的时候|再)|有时间(?:了|的时候|再)|几天后|几天以?后|几个小时后|(?:[一二两三四五六七八九]{2}|[一二三四五六七八九]?十[几来]|几)个?(?:天|周|星期|礼拜|月|小时|钟头|分钟)(?:以?后|之后)|改个?时间|换个?时间"
)
"""A time that must be asked for."""

EVERY = re.compile(
    r"(?:每天|天天|每晚|每日|每个?(?:早上|晚上|上午|下午)|隔三差五)(?:都)?(?:早上|晚上|上午|下午|中午|夜里)?"
    r"(?P<any>都?(?:可以|行|成|方便|有空|有时间|能去|能来))?"
)
"""What happens every day is no appointment, unless it says that every day will do."""

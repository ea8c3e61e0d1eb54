"""Who is speaking, and for whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.speakers import Speaker, Voice, read_speaker, rules

EXAMPLES_FOR = [(rule.voice, text) for rule in rules() for text in rule.examples_for]
EXAMPLES_AGAINST = [(rule.voice, text) for rule in rules() for text in rule.examples_against]


@pytest.mark.parametrize(("voice", "text"), EXAMPLES_FOR)
def test_a_voice_is_recognised(voice: Voice, text: str) -> None:
    assert read_speaker(text).voice is voice


@pytest.mark.parametrize(("voice", "text"), EXAMPLES_AGAINST)
def test_a_voice_is_not_taken_for_another(voice: Voice, text: str) -> None:
    assert read_speaker(text).voice is not voice


@pytest.mark.parametrize(
    "text",
    [
        "我老公打我",
        "离婚要什么材料",
        "我女儿三岁，抚养费怎么算",
        "婆婆总骂我，我快受不了了",
        "我妈逼我嫁人，我不愿意",  # her mother acts, she suffers
        "我同事总摸我",
        "邻居天天装修吵死了",
        "我朋友推荐我来问的",  # the friend only sent her
        "孩子归我，他不给钱",
        "我十七岁那年就跟他了，现在三十五",  # a child then
        "我弟把我的地占了",
        "儿子啃老还骂我",
        "我闺蜜抢了我老公",
        "我姐借我八万不还",  # against her sister, not for her
        "他妈说我配不上她儿子",
        "我小时候被爸爸打过，现在还做噩梦",  # a child then
        "我是小学老师，老公不让我上班",  # her trade, but her own matter
        "我们公司不给产假",
        "我老公是警察，打了我没人管",  # he is the officer
        "妹妹结婚要彩礼吗",
    ],
)
def test_she_speaks_for_herself(text: str) -> None:
    assert read_speaker(text) == Speaker()


@pytest.mark.parametrize(
    ("relation", "text"),
    [
        ("女儿", "我女儿被女婿打得住院了"),
        ("闺女", "俺闺女她男人又喝酒闹事"),
        ("妹", "我妹想离婚，男方不同意"),
        ("闺蜜", "我闺蜜说她老公掐她脖子"),
        ("姐", "替我姐问一下，她老公出轨怎么离"),
        ("朋友", "帮朋友咨询，怀孕被辞退怎么办"),
        ("妈", "我妈被我爸打了一辈子"),
        ("邻居", "邻居家孩子天天被关在门外哭"),
        ("隔壁", "隔壁的女人又在喊救命"),
        ("楼上", "楼上男的打老婆，整栋楼都听见"),
        ("学生", "班上有个学生胳膊都是伤"),
        ("儿媳", "我儿媳被我儿子打了，我劝不住"),
        ("同事", "我同事说她不想活了"),
        ("表姐", "表姐被她男人锁在屋里"),
        ("嫂子", "我哥把嫂子打得起不来床"),
        ("妹妹", "妹妹发微信说她男朋友不让她走"),
        ("女孩", "有个女孩在车站哭，说有人追她"),
        ("妈妈", "我是她妈妈，孩子在婆家受气"),
        ("室友", "室友手腕上全是伤，不想活了"),
        ("妹夫", "妹夫打我妹，能报警吗"),
    ],
)
def test_one_speaks_for_another_and_her_word_for_the_tie_is_kept(relation: str, text: str) -> None:
    assert read_speaker(text) == Speaker(Voice.OTHER, relation)


@pytest.mark.parametrize(
    ("voice", "text"),
    [
        (Voice.CHILD, "我今年九岁，爸爸打妈妈"),
        (Voice.CHILD, "我上六年级，老师打我"),
        (Voice.CHILD, "爸爸打我，我不敢回家"),
        (Voice.CHILD, "我才十三岁，家里让我去打工"),
        (Voice.CHILD, "我读初二，同学欺负我"),
        (Voice.CHILD, "爸妈不在家，我和弟弟好饿"),
        (Voice.CHILD, "后妈不给我饭吃，我是小学生"),
        (Voice.CHILD, "继父摸我，我今年上初一"),
        (Voice.PERPETRATOR, "我昨天喝多了打了我媳妇"),
        (Voice.PERPETRATOR, "我把她推倒了，她不理我了"),
        (Voice.PERPETRATOR, "忍不住又动手打了孩子，我不是人"),
        (Voice.PERPETRATOR, "我掐了她脖子，现在好后悔"),
        (Voice.PERPETRATOR, "我怕自己控制不住会打她"),
        (Voice.PERPETRATOR, "我老婆跑去妇联了，你们告诉我她在哪"),
        (Voice.MAN, "我是男的，老婆打我，能找你们吗"),
        (Voice.MAN, "我老婆要跟我离婚，孩子才一岁"),
        (Voice.MAN, "本人男，想问离婚财产怎么分"),
        (Voice.MAN, "我丈母娘不让我进门"),
        (Voice.MAN, "我前妻不让我看孩子"),
        (Voice.OFFICER, "我是社区的网格员，想要些宣传册"),
        (Voice.OFFICER, "我们街道想办一场讲座"),
        (Voice.OFFICER, "我是律师，想做志愿服务"),
        (Voice.OFFICER, "我是心理咨询师，可以来坐班吗"),
        (Voice.OFFICER, "我们居委会准备搞个活动"),
    ],
)
def test_children_men_officers_and_those_who_struck(voice: Voice, text: str) -> None:
    assert read_speaker(text).voice is voice


def test_traditional_characters_are_read_as_well() -> None:
    assert read_speaker("我女兒被女婿打得住院了") == Speaker(Voice.OTHER, "女儿")


@given(st.text(max_size=400))
def test_any_text_has_a_speaker(text: str) -> None:
    assert read_speaker(text).voice in Voice

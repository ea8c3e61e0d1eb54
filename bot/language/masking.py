"""Replaces what could tell who she is: numbers, names, addresses below the street, workplaces, accounts.

What lists, search, review and training see is masked text. Hotlines, dates, amounts and article numbers stay. Errs on the
side of hiding.
"""

import re
import unicodedata

PHONE, CARD_ID, BANK, ACCOUNT, NAME, ADDRESS, WORK, PLATE, MAIL = (
    "［电话］", "［证件］", "［银行卡］", "［账号］", "［姓名］", "［住址］", "［单位］", "［车牌］", "［邮箱］",
)  # fmt: skip
SPOKEN = dict(zip("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两", "0012345678911234567892", strict=True))
DIGIT = "[0-9零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两]"
GAP = r"[\s\-—.·_()（）]{0,2}"
RUN = re.compile(rf"{DIGIT}(?:{GAP}(?:{DIGIT}|[Xx])){{6,24}}")
IN_THREE = re.compile(
    rf"(?<!{DIGIT})[1一幺么壹][3-9三四五六七八九叁肆伍陆柒捌玖]{DIGIT}(?:\s?[,、*/]\s?{DIGIT}{{4}}){{2}}(?!{DIGIT})"
)
"""A mobile as it is read out: 「一三九，一二三四，五六七八」. Other numbers with commas between them are a list."""
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷曲盛冉蓝路游靳辛管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤时穆司卓古吉苑"
)
COMPOUND = "欧阳|司马|上官|诸葛|皇甫|尉迟|慕容|令狐|夏侯|司徒"
ALSO_WORDS = (
    "万高方白金钱向安温康文成单路管房解时常包关毛石余任施祝尚尤左齐易严牛武古兰华江龙游盛宁吉梅蓝童夏甘柴章季曲苗"
)
"""Surnames that mostly are something else; where nothing but a surname tells that a name begins, they do not tell it."""
SURE = "".join(letter for letter in SURNAMES if letter not in ALSO_WORDS)
HAN = r"[\u4e00-\u9fff]"
NO_NAME = (
    "不没有在是的了着过给把被打骂说要就都也还又很太去来他她我你们这那和跟对从让向叫得天总老已上下口嘴家人会能想请问"
)
"""Letters that end a name: they begin what is told of its bearer."""
GIVEN = rf"(?![{NO_NAME}]){HAN}"
NAMED = rf"(?:(?:{COMPOUND})(?:{GIVEN}){{1,2}}|[{SURNAMES}](?:{GIVEN}){{1,2}})"
SURELY_NAMED = (
    rf"(?!马上|谢谢|张[口嘴]|周[一二三四五六日末转围边]|黄[昏色]|何[时必况])(?:(?:{COMPOUND})|[{SURE}])(?:{GIVEN}){{1,2}}?"
    rf"(?=[{NO_NAME}，,。.!！?？;；:、\s替抱拿用因为]|$)"
)
END = r"(?=[，,。.!！?？;；、\s]|$)"
KIN = (
    "本人|老公|丈夫|前夫|爱人|男人|男友|男朋友|前男友|对象|婆婆|公公|妈妈?|爸爸?|父亲|母亲|弟弟?|哥哥?|姐姐?|妹妹?|小姑子?|大姑子?|小叔子?|大伯子?|嫂子|弟媳"
    "|儿子|女儿|闺女|孩子|邻居|朋友|闺蜜|同事|老板|领导|亲戚|表[哥姐弟妹]|堂[哥姐弟妹]|室友|房东|小三"
)
TITLES = "女士|小姐|阿姨|大姐|大妈|姐|妹|先生|师傅|老师|医生|大夫|律师|主任|经理|总|警官|法官|奶奶|爷爷|叔叔?|婶|嫂子?|大哥|哥"
NO_TITLE = "单位|高中|任何|马上|万一|白天|金牌|周[一二三四五六日末]|关系|时候|何时|安全|成年|平时|江边|常常|方面|温柔"
RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.I), shown)
    for pattern, shown in (
        (r"[A-Za-z0-9._%+-]+\s?(?:@|艾特)\s?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", MAIL),
        (
            r"[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新][·•\s]?[A-HJ-NP-Z][·•\s]?[A-HJ-NP-Z0-9]{5,6}(?![A-Z0-9])",
            PLATE,
        ),
        (
            r"(?P<keep>(?:微信号?|微信|v信|vx|wx|威信|加我|QQ号?|扣扣|企鹅号?|抖音号?|快手号?|小红书号?|支付宝)(?:号码?|账号|ID)?\s*(?:是|为|叫|[:：=])?\s*)[A-Za-z0-9_\-零〇一二三四五六七八九幺]{5,20}",
            ACCOUNT,
        ),
        (
            rf"(?P<keep>(?:我|她|他|名字|姓名|{KIN})(?:的)?(?:大名|名字|姓名|全名)?\s*(?:叫[做作]?|名叫|姓名(?:是)?|名字(?:是|叫)|[:：])\s*(?:是)?)(?!他|她|我|你|不|什|啥|嘛|没|过|来|人|醒|救|外卖|车|做|大家|孩子|家|去|回|停|住|了|嚣|着|苦|骂|谁|警|这|那|几)(?:{NAMED}|{HAN}{{2,4}}{END}|[A-Za-z]{{2,12}})",
            NAME,
        ),
        (rf"(?P<keep>(?:名叫|叫[做作]?)\s*){SURELY_NAMED}{END}", NAME),
        (rf"(?P<keep>(?:{KIN})(?:是)?){SURELY_NAMED}", NAME),
        (rf"(?P<keep>我是){SURELY_NAMED}{END}", NAME),
        (rf"(?P<keep>姓名|联系人|当事人|申请人|被告|原告)\s*[:：是]?\s*{NAMED}", r"\g<keep>" + NAME),
        (rf"(?<![姓贵{HAN[1:-1]}])(?:小|老|阿)?[{SURNAMES}](?:{HAN}{{1,2}})?(?=(?:{TITLES})(?!妹|夫|弟|们俩))", NAME),
        (
            rf"(?<![姓贵])(?!{NO_TITLE})(?:(?:{COMPOUND})|[{SURE}])(?:(?:{GIVEN}){{1,2}})?(?=(?:女士|小姐|阿姨|大姐|大妈|先生|师傅|老师|医生|大夫|律师|主任|经理|警官|法官))",
            NAME,
        ),
        (rf"(?P<keep>[小老阿])(?:{COMPOUND}|[{SURE}])(?=[说讲来去是他她让叫在的打]|{END[3:-1]})", NAME),
        (rf"(?P<keep>姓)(?:{COMPOUND}|[{SURNAMES}])(?!名|氏)", r"\g<keep>" + NAME),
        (
            rf"(?P<keep>(?:(?:在|住|到|是|从|来自|位于)?{HAN}{{1,3}}(?:区|县|街道|镇|乡)|在|住|到|是|从|来自|位于|家|地址|[，。\s]|区|市|街道|镇|乡|^(?!{HAN}{{0,5}}[区县镇乡住在到家]))){HAN}{{2,8}}?(?:小区|花园|家园|公寓|苑|里|园|新村|大厦|胡同|弄|公馆|名邸|广场|府)(?=[0-9一二三四五六七八九十甲乙东西南北]+(?:号楼|栋|幢|门|单元|号|-))",
            ADDRESS,
        ),
        (
            rf"{HAN}{{1,8}}(?:路|大街|大道|道|巷|胡同|弄|条)\s*[0-9一二三四五六七八九十百]{{1,6}}\s*号?(?:院|楼|弄)?(?:\s*[0-9一二三四五六七八九十]{{1,4}}\s*(?:号楼|栋|幢|座|单元|门|层|楼|室|户|号))*",
            ADDRESS,
        ),
        (
            r"[0-9一二三四五六七八九十百甲乙A-Za-z]{1,5}\s*(?:号楼|栋|幢|座)(?:\s*[0-9一二三四五六七八九十]{1,4}\s*(?:单元|门|层|楼|户|室|号|-)*)*(?:\s*[0-9]{2,4}\s*(?:室|号|户)?)?",
            ADDRESS,
        ),
        (
            r"[0-9一二三四五六七八九十]{1,3}\s*(?:单元|门)\s*[0-9一二三四五六七八九十]{1,4}\s*(?:层|楼|室|号|户)?(?:\s*[0-9]{2,4}\s*(?:室|号|户)?)?",
            ADDRESS,
        ),
        (r"[0-9一二三四五六七八九十]{1,3}\s*组\s*[0-9一二三四五六七八九十]{1,4}\s*号", ADDRESS),
        (r"(?<![0-9])[0-9]{1,3}-[0-9]{1,3}-[0-9]{2,4}(?![0-9年月日])", ADDRESS),
        (
            rf"(?P<keep>(?:在|去|到|是|进|从|就职于|任职于|单位是|公司是|上班的|就读于|念|上))(?:{HAN}|[A-Za-z0-9]){{2,14}}?(?:有限公司|集团公司|公司|工厂|电子厂|服装厂|厂|医院|小学|中学|一中|二中|三中|大学|学院|幼儿园|超市|饭店|酒店|银行|派出所|事务所)(?=上班|工作|干|当|做|打工|实习|读|念|上学|的|，|。|,|$|教)",
            WORK,
        ),
    )
)
KEPT_NUMBER = re.compile(r"^(?:110|119|120|12[0-9]{3}|(?:19|20)\d{2}[01]?\d[0-3]?\d)$")


def mask(text: str) -> str:
    """`text` with what identifies replaced by words in brackets; masking twice changes nothing more."""
    text = _numbers(unicodedata.normalize("NFKC", text).replace("\0", "").replace("[", "［").replace("]", "］"))
    for pattern, shown in RULES:
        text = pattern.sub(lambda found, shown=shown: _kept(found) + shown.replace(r"\g<keep>", ""), text)  # type: ignore[misc]
    return text


def _kept(found: re.Match[str]) -> str:
    return found.groupdict().get("keep") or ""


def _numbers(text: str) -> str:
    """Runs of digits, also spoken or spaced, by what they are."""
    return RUN.sub(_number, IN_THREE.sub(PHONE, text))


def _number(found: re.Match[str]) -> str:
    run = found.group()
    digits = "".join(SPOKEN.get(sign, sign) for sign in run if sign in SPOKEN or sign.isdigit() or sign in "Xx")
    core = digits.removeprefix("86") if len(digits) == 13 else digits
    if KEPT_NUMBER.match(digits) or (not re.search(r"[0-9]", run) and len(digits) < 10):
        return run
    if re.fullmatch(r"\d{17}[\dXx]|\d{15}", digits):
        return CARD_ID
    if re.search(r"1[3-9]\d{9}", core) and len(core) <= 15:
        return PHONE
    if re.fullmatch(r"\d{16}|\d{17}|\d{19}", digits):
        return BANK
    if len(digits) >= 7:
        return PHONE
    return run

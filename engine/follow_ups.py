"""Half sentences that go on from the last answer: 「那孩子呢」「要多久」, by the reviewed words of data/follow_ups.yml."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Text

import yaml

DATA = Path(__file__).resolve().parents[1] / "data"
LONGEST = 16
"""Characters of a half sentence, without its signs."""
SIGNS = re.compile(r"[\s，,。.！!？?～~…、]+")
SUBJECT_FIRST = re.compile("^(那?)(他|她|对方|单位|公司|老板)(要是|如果|万一)")
LEAD = "(?:嗯|哦|好的?|行|那么?|要是|如果|假如|万一|可是|但是?|不过|还有|另外|请问|我想问下?|再问一?下|您说|你说|的话)*"
TAIL = "(?:的话|呢|吗|嘛|么|啊|呀|哪|吧|不|怎么办|咋办|咋整|怎么弄|咋弄|怎么算|咋算|怎么说|怎么处理)*"


@dataclass(frozen=True)
class FollowUps:
    """`patterns`: aspect → what asks for it. `topics` and `answers`: intent or id → aspect → id. `intents`: id → intent.

    `bare`: aspects that mean nothing without the subject before them.
    """

    patterns: Mapping[Text, "re.Pattern[str]"]
    topics: Mapping[Text, Mapping[Text, Text]]
    answers: Mapping[Text, Mapping[Text, Text]]
    intents: Mapping[Text, Text]
    bare: FrozenSet[Text]

    def aspects(self, text: Text) -> List[Text]:
        """The aspects that a text asks for; none when it is a sentence of its own."""
        core = SUBJECT_FIRST.sub(r"\1\3\2", SIGNS.sub("", text))
        return [name for name, pattern in self.patterns.items() if len(core) <= LONGEST and pattern.fullmatch(core)]

    def payload(self, aspects: List[Text], topic: Optional[Text], answer: Optional[Text]) -> Optional[Text]:
        """The choice that she would have pressed, after this topic and answer; with no id in it when there is no answer to
        a bare aspect, and None when the text may be understood by itself."""
        known = {**self.topics.get(topic or "", {}), **self.answers.get(answer or "", {})}
        target = next((known[aspect] for aspect in aspects if aspect in known), None)
        if target is not None:
            return f'/{self.intents[target]}{{"answer":"{target}"}}'
        return f'/{topic}{{"answer":""}}' if topic and self.bare.issuperset(aspects) else None


@lru_cache(maxsize=1)
def follow_ups() -> FollowUps:
    """The file, read once."""
    loaded = _read(DATA / "follow_ups.yml")
    files = sorted((DATA / "knowledge").glob("*.yml"))
    intents = {answer["id"]: answer["intent"] for file in files for answer in _read(file)["answers"]}
    patterns = {name: _pattern(fields) for name, fields in loaded["aspects"].items()}
    return FollowUps(patterns, loaded["topics"], loaded["answers"], intents, frozenset(loaded["without_a_subject"]))


def _read(file: Path) -> Dict[Text, Any]:
    """With the quick loader where there is one: the first message waits for it."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def _pattern(fields: Dict[Text, Any]) -> "re.Pattern[str]":
    """A phrase stands alone; a noun needs a word before or after it (那…, …呢) to be a question."""
    of = "(?:我家的?|我们?的?|他的?|她的?|咱们?的?)?"
    nouns, phrases = (_any_of(fields.get(kind, [])) for kind in ("nouns", "phrases"))
    return re.compile(f"{LEAD}{phrases}{TAIL}|(?!{nouns}$){LEAD}{of}{nouns}{TAIL}")


def _any_of(words: List[Text]) -> Text:
    """The longest first; what matches nothing when there are none."""
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})" if words else "(?!)"

"""Cuts a message into clauses: the last one often holds the question, and each may hold a need of its own."""

import re
from typing import List

END = re.compile(r"(?<=[。！？!?；;\n])|(?<=[，,、])(?=另外|还有|还想|顺便|再就是|同时|然后|对了|以及)")
COMMA = re.compile(r"[，,。！？!?；;\s]+")
SHORTEST = 4
MOST_QUESTIONS = 4
ASKING = re.compile(r"[？?吗呢么嘛怎咋想要哪几啥谁查找帮求该]|可以|能不能|可不可|多少|多久|如何|请问|有没有|是不是")


def sentences(text: str) -> List[str]:
    """Sentences, and clauses that begin with a word like 另外 or 还有."""
    return [part.strip() for part in END.split(text) if len(part.strip()) >= SHORTEST]


def questions(text: str) -> List[str]:
    """The last sentences that have a word of asking or wanting (others only tell); none of a single sentence."""
    parts = sentences(text)
    return [part for part in parts if ASKING.search(part)][-MOST_QUESTIONS:] if len(parts) > 1 else []


def last_clause(text: str, wanted: int = 12) -> str:
    """The end of the text, whole clauses, at least `wanted` characters where there are as many."""
    end = ""
    for clause in reversed([part for part in COMMA.split(text) if part]):
        end = f"{clause}，{end}" if end else clause
        if len(end) >= wanted:
            break
    return end or text


def ends_of(text: str, longest: int) -> str:
    """The text; of a longer one the beginning, which names the matter, and twice as much of the end, where the question is."""
    head = longest // 3
    return text if len(text) <= longest else f"{text[:head]}…{text[head + 1 - longest :]}"

"""Cuts a message into clauses: the last one often holds the question, and each may hold a need of its own."""

import re
from typing import List

END = re.compile(r"(?<=[。！？!?；;\n])|(?<=[，,、])(?=另外|还有|还想|顺便|再就是|同时|然后|对了|以及)")
COMMA = re.compile(r"[，,。！？!?；;\s]+")
SHORTEST = 4


def sentences(text: str) -> List[str]:
    """Sentences, and clauses that begin with a word like 另外 or 还有."""
    return [part.strip() for part in END.split(text) if len(part.strip()) >= SHORTEST]


def last_clause(text: str, wanted: int = 12) -> str:
    """The end of the text, whole clauses, at least `wanted` characters where there are as many."""
    end = ""
    for clause in reversed([part for part in COMMA.split(text) if part]):
        end = f"{clause}，{end}" if end else clause
        if len(end) >= wanted:
            break
    return end or text

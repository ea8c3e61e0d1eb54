"""The monthly report as one HTML page for paper: from the console, or from the command line as a file that needs no other."""

from functools import lru_cache

from bot.console.pages import FOLDER, templates
from bot.services.figure_words import OF_SERVICES, SERVICE_UNITS, TABLE_WORDS, change_words, minutes_words, sentences
from bot.services.figures import Figures


def report_page(figures: Figures, *, back: str = "", alone: bool = False) -> str:
    """`alone`: a file of its own, with the styles in it; else a page of the console that leads `back` (a query)."""
    return (
        templates()
        .get_template("figures_report.html")
        .render(
            figures=figures, told=sentences(figures), names=TABLE_WORDS, minutes=minutes_words, changed=change_words,
            of_services=OF_SERVICES, units=SERVICE_UNITS, back=back, styles=_styles() if alone else "", alone=alone,
        )
    )  # fmt: skip


@lru_cache(maxsize=1)
def _styles() -> str:
    return "\n".join((FOLDER / "static" / name).read_text(encoding="utf-8") for name in ("console.css", "figures.css"))

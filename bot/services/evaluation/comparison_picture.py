"""A picture of what got better and what got worse: a bar a figure, right of the middle when the new model is better."""

from collections.abc import Sequence
from html import escape

from bot.services.evaluation.comparison import Change

WIDE, LEFT, ROW, TOP = 980, 330, 22, 78
HALF = 200
"""Points from the middle to the longest bar."""
LEAST = 0.02
"""The scale ends here at least, so that a thousandth does not look like a landslide."""
MOST_ROWS = 60
BETTER, WORSE, GUARDED = "#1b6e3c", "#b3261e", "#8c1d40"


def comparison_picture(changes: Sequence[Change]) -> str:
    """SVG. Guarded figures always have a row; of the others those that changed, the largest changes first."""
    guarded = [change for change in changes if change.after.guards]
    others = sorted((c for c in changes if not c.after.guards and c.better), key=lambda c: -abs(c.better))
    shown = [*guarded, *others][:MOST_ROWS]
    scale = max([LEAST, *(abs(change.better) for change in shown)])
    high = TOP + ROW * max(len(shown), 1) + 20
    same = sum(not change.better for change in changes)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE}" height="{high}" viewBox="0 0 {WIDE} {high}" '
            'font-family="sans-serif" font-size="13" fill="#222" role="img">',
            "<title>新旧模型对比：哪些变好，哪些变差</title>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            '<text x="20" y="26" font-size="17" font-weight="bold">新旧模型对比：向右变好，向左变差</text>',
            f'<text x="20" y="48" fill="#555">共 {len(changes)} 项，{same} 项没有变化。带 ● 的是安全项：变差就不能上线。'
            f"最长的条是 {scale * 100:.1f} 个百分点。</text>",
            f'<path d="M{LEFT + HALF} {TOP - 12}V{high - 14}" stroke="#999"/>',
            *(line for at, change in enumerate(shown) for line in _row(TOP + at * ROW, change, scale)),
            "</svg>",
            "",
        ]
    )


def _row(y: int, change: Change, scale: float) -> list[str]:
    middle, long = LEFT + HALF, abs(change.better) / scale * HALF
    colour = BETTER if change.better >= 0 else WORSE
    begins = middle if change.better >= 0 else middle - long
    mark = f'<tspan fill="{GUARDED}">● </tspan>' if change.after.guards else ""
    told = f"{_told(change)}{'' if change.meant or not change.better else '（可能是偶然）'}"
    return [
        f'<text x="{LEFT - 10}" y="{y + 5}" text-anchor="end">{mark}{escape(change.set)} {escape(change.name)}</text>',
        f'<rect x="{begins:.1f}" y="{y - 7}" width="{max(long, 1):.1f}" height="14" fill="{colour}" '
        f'fill-opacity="{1 if change.meant else 0.55}"/>',
        f'<text x="{middle + HALF + 12}" y="{y + 5}">{escape(told)}</text>',
    ]


def _told(change: Change) -> str:
    after, before = change.after, change.before
    if before is None:
        return f"{after.value:.3f}（以前没量）"
    if after.of:
        return f"{before.hits} → {after.hits} / {after.of}"
    return f"{before.value:.3f} → {after.value:.3f}"

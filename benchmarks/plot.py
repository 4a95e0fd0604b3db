"""A line chart with two logarithmic axes, written as SVG by hand: no library for one picture."""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape

Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 760, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 190, 40, 55
# Okabe and Ito's palette: told apart by people who see colours differently.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


class _Axis:
    """From a value to a pixel."""

    def __init__(self, values: Sequence[float], start: int, stop: int) -> None:
        self.low = math.floor(math.log10(min(values)))
        self.high = max(self.low + 1, math.ceil(math.log10(max(values))))
        self._start, self._stop = start, stop

    def __call__(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self._start + share * (self._stop - self._start)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def line_chart(lines: Mapping[str, Points], *, title: str, x_label: str, y_label: str) -> str:
    """Return an SVG document; each line is named at its last point.

    Args:
        lines: By name, points (x, y), both above 0.
        title: Above the chart.
        x_label: Below the horizontal axis.
        y_label: Beside the vertical axis.

    """
    points = [point for line in lines.values() for point in line]
    x = _Axis([point[0] for point in points], _LEFT, _WIDTH - _RIGHT)
    y = _Axis([point[1] for point in points], _HEIGHT - _BOTTOM, _TOP)
    body = [
        *_frame(x, y, title=title, x_label=x_label, y_label=y_label),
        *_lines(lines, x, y),
    ]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
            'font-family="sans-serif" font-size="13">',
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
            *body,
            "</svg>\n",
        )
    )


def _frame(x: _Axis, y: _Axis, *, title: str, x_label: str, y_label: str) -> Iterator[str]:
    yield f'<text x="{_LEFT}" y="22" font-size="15">{escape(title)}</text>'
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for value in x.ticks():
        at = f"{x(value):.1f}"
        yield f'<line x1="{at}" x2="{at}" y1="{_TOP}" y2="{bottom}" stroke="#ddd"/>'
        yield f'<text x="{at}" y="{bottom + 18}" text-anchor="middle">{value:g}</text>'
    for value in y.ticks():
        at = f"{y(value):.1f}"
        yield f'<line x1="{_LEFT}" x2="{right}" y1="{at}" y2="{at}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 8}" y="{at}" dy="4" text-anchor="end">{value:g}</text>'
    middle = (_LEFT + right) / 2
    yield f'<text x="{middle}" y="{_HEIGHT - 12}" text-anchor="middle">{escape(x_label)}</text>'
    up = (_TOP + bottom) / 2
    yield (
        f'<text transform="translate(20 {up}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_label)}</text>"
    )


def _lines(lines: Mapping[str, Points], x: _Axis, y: _Axis) -> Iterator[str]:
    taken: list[float] = []
    ordered = sorted(lines.items(), key=lambda item: item[1][-1][1])
    for number, (name, line) in enumerate(ordered):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(f"{x(px):.1f},{y(py):.1f}" for px, py in line)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for px, py in line:
            yield f'<circle cx="{x(px):.1f}" cy="{y(py):.1f}" r="3" fill="{colour}"/>'
        # Names stand apart from each other even where the lines end close together.
        at = min([y(line[-1][1]), *(label - 16 for label in taken[-1:])])
        taken.append(at)
        yield (
            f'<text x="{x(line[-1][0]) + 10:.1f}" y="{at:.1f}" dy="4" fill="{colour}">'
            f"{escape(name)}</text>"
        )

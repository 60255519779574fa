"""The picture of `tests.bench.chat`: fan-out and latency by clients, both axes in powers, as SVG."""

import math
import statistics
from collections.abc import Sequence

COLOURS = ("#0969da", "#8250df", "#cf222e", "#bf8700", "#1a7f37", "#57606a", "#24292f")
Point = tuple[str, int, Sequence[float], Sequence[float]]  # server, clients, fan-out a second, p50 in µs
WIDTH, HEIGHT, LEFT, TOP = 300, 220, 60, 50


def plot(points: Sequence[Point]) -> str:
    """Return two panels and a legend; the marks are medians, the bars reach from quartile to quartile."""
    names = list(dict.fromkeys(name for name, *_ in points))
    fan_out = [(name, clients, [value / 1e6 for value in values]) for name, clients, values, _ in points if values]
    latency = [(name, clients, values) for name, clients, _, values in points if values]
    legend = "".join(
        f'<text x="{LEFT + 105 * number}" y="320" fill="{COLOURS[number]}">{name}</text>'
        for number, name in enumerate(names)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 340" font-family="system-ui, sans-serif" '
        f'font-size="13"><rect width="800" height="340" fill="#ffffff"/>'
        f"{_panel(LEFT, 'lines delivered a second, millions', fan_out, names)}"
        f"{_panel(LEFT + WIDTH + 80, 'one line to all: p50, µs', latency, names)}{legend}</svg>\n"
    )


def _panel(left: int, title: str, points: Sequence[tuple[str, int, Sequence[float]]], names: Sequence[str]) -> str:
    counts = sorted({clients for _, clients, _ in points})
    values = [value for *_, taken in points for value in taken]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def across(clients: int) -> float:
        return left + 20 + (WIDTH - 40) * counts.index(clients) / max(1, len(counts) - 1)

    def up(value: float) -> float:
        return TOP + HEIGHT * (high - math.log10(value)) / (high - low)

    parts = [f'<text x="{left}" y="{TOP - 20}" font-weight="bold">{title}</text>']
    for power in range(low, high + 1):
        height = up(10**power)
        parts.append(f'<path d="M{left} {height:.1f}H{left + WIDTH}" stroke="#d0d7de"/>')
        parts.append(f'<text x="{left - 6}" y="{height + 4:.1f}" text-anchor="end">{10**power:g}</text>')
    parts += [
        f'<text x="{across(clients):.1f}" y="{TOP + HEIGHT + 20}" text-anchor="middle">{clients}</text>'
        for clients in counts
    ]
    for number, name in enumerate(names):
        colour, line = COLOURS[number], []
        for clients, taken in ((clients, taken) for other, clients, taken in points if other == name):
            quarter, middle, three = statistics.quantiles(taken, n=4) if len(taken) > 1 else 3 * list(taken)
            x = across(clients)
            line.append(f"{x:.1f} {up(middle):.1f}")
            parts.append(f'<path d="M{x:.1f} {up(quarter):.1f}V{up(three):.1f}" stroke="{colour}" stroke-width="5"/>')
        if line:
            parts.append(f'<path d="M{"L".join(line)}" fill="none" stroke="{colour}" stroke-width="2"/>')
    return "".join(parts)

"""The picture of `tests.bench.class_start`: seconds and memory by the size of a class, as SVG."""

import statistics
from collections.abc import Callable, Sequence

Point = tuple[str, int, float, float, float]  # what, seats, seconds in all, p95 of one, MiB
WIDTH, HEIGHT, LEFT, TOP = 290, 220, 60, 50
COLOURS = {"class": "#0969da", "bare": "#57606a"}
PANELS: tuple[tuple[str, Callable[[Point], float]], ...] = (
    ("all ready after, s", lambda point: point[2]),
    ("a seat's own start, p95, s", lambda point: point[3]),
    ("memory of all, MiB", lambda point: point[4]),
)


def plot(points: Sequence[Point]) -> str:
    """Return three panels and a legend; the lines go through the means, each measurement is a dot."""
    legend = "".join(
        f'<text x="{LEFT + 160 * number}" y="320" fill="{colour}">{name}</text>'
        for number, (name, colour) in enumerate(
            (("a class, by make lab", COLOURS["class"]), ("as many that only sleep", COLOURS["bare"]))
        )
    )
    panels = "".join(
        _panel(LEFT + number * (WIDTH + 70), title, [(point[0], point[1], value(point)) for point in points])
        for number, (title, value) in enumerate(PANELS)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1110 340" font-family="system-ui, sans-serif" '
        f'font-size="13"><rect width="1110" height="340" fill="#ffffff"/>{panels}{legend}</svg>\n'
    )


def _panel(left: int, title: str, points: Sequence[tuple[str, int, float]]) -> str:
    end, most = max(seats for _, seats, _ in points), max(value for *_, value in points) * 1.05

    def place(seats: int, value: float) -> tuple[float, float]:
        return left + WIDTH * seats / end, TOP + HEIGHT * (1 - value / most)

    parts = [f'<text x="{left}" y="{TOP - 20}" font-weight="bold">{title}</text>']
    for part in (0.0, 0.5, 1.0):
        _, height = place(0, most * part)
        parts.append(f'<path d="M{left} {height:.1f}H{left + WIDTH}" stroke="#d0d7de"/>')
        parts.append(f'<text x="{left - 6}" y="{height + 4:.1f}" text-anchor="end">{most * part:.0f}</text>')
    parts += [
        f'<text x="{place(seats, 0)[0]:.1f}" y="{TOP + HEIGHT + 20}" text-anchor="middle">{seats}</text>'
        for seats in sorted({seats for _, seats, _ in points})
    ]
    for name, colour in COLOURS.items():
        by_size = {
            seats: [value for what, size, value in points if (what, size) == (name, seats)] for _, seats, _ in points
        }
        line = [place(seats, statistics.mean(values)) for seats, values in sorted(by_size.items()) if values]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in line)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        dots = [place(seats, value) for what, seats, value in points if what == name]
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in dots]
    return "".join(parts)

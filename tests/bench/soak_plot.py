"""The picture of `tests.bench.soak`: the parent's memory and descriptors over the time, as SVG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, LEFT, TOP = 680, 120, 80, 40


@dataclass
class Sample:
    """What was seen of the server at one moment."""

    seconds: float
    memory: int  # KiB of the parent's own
    descriptors: int
    workers: int


def plot(samples: Sequence[Sample]) -> str:
    """Return three panels, one below the other."""
    panels = (
        _panel(samples, 0, "the parent's own memory, MiB", lambda one: one.memory / 1024),
        _panel(samples, 1, "its descriptors", lambda one: one.descriptors),
        _panel(samples, 2, "workers", lambda one: one.workers),
    )
    height = 3 * (HEIGHT + 60) + 20
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {height}" font-family="system-ui, sans-serif" '
        f'font-size="13"><rect width="800" height="{height}" fill="#ffffff"/>{"".join(panels)}</svg>\n'
    )


def _panel(samples: Sequence[Sample], number: int, title: str, value: Callable[[Sample], float]) -> str:
    top = TOP + number * (HEIGHT + 60)
    most, end = max(map(value, samples)) * 1.1 or 1, samples[-1].seconds or 1
    points = "L".join(
        f"{LEFT + WIDTH * one.seconds / end:.1f} {top + HEIGHT * (1 - value(one) / most):.1f}" for one in samples
    )
    return (
        f'<text x="{LEFT}" y="{top - 10}" font-weight="bold">{title}</text>'
        f'<path d="M{LEFT} {top}V{top + HEIGHT}H{LEFT + WIDTH}" fill="none" stroke="#d0d7de"/>'
        f'<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end">{most:.0f}</text>'
        f'<text x="{LEFT - 6}" y="{top + HEIGHT}" text-anchor="end">0</text>'
        f'<text x="{LEFT + WIDTH}" y="{top + HEIGHT + 16}" text-anchor="end">{end:.0f} s</text>'
        f'<path d="M{points}" fill="none" stroke="#0969da" stroke-width="2"/>'
    )

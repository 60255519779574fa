"""A trace as a drawing: the timeline of lab/trace/timeline.py, to scale, as SVG for a light or a dark page."""

from dataclasses import dataclass
from html import escape

from lab.trace.history import History, Span, Trace
from lab.trace.timeline import (
    NOTHING,
    Note,
    Row,
    Scale,
    came_and_went,
    columns,
    fit,
    headline,
    label,
    notes,
    outcome,
    rank,
    state_names,
    tree,
)

WIDTH = 1000.0
EDGE = 16.0
ROW, BAR, NOTE, MISSED = 24.0, 16.0, 15.0, 12.0  # heights
COLUMN = 7.25  # the width of a column of text at 12 px
LABEL_COLUMNS = 40
ROWS_DRAWN = 200
LEAST = 3.0  # the least width of a state, so that a short zombie is seen

STYLE = """
svg { font: 12px ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", "Noto Sans CJK SC", "PingFang SC",
      "Microsoft YaHei", monospace; }
.page { fill: #ffffff; } text { fill: #1f2328; } .line { stroke: #d0d7de; }
.faint { fill: #656d76; stroke: #ffffff; stroke-width: 4px; paint-order: stroke; }
.born { stroke: #8c959f; fill: none; } .missed { fill: #8c959f; }
.R { fill: #2da44e; } .S { fill: #9cc3ee; } .D { fill: #e3b341; } .T { fill: #a475f9; } .Z { fill: #d1242f; }
.other { fill: #8c959f; } text.on { fill: #1f2328; } text.on-Z, text.on-T, text.on-R { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  .page { fill: #0d1117; } text { fill: #e6edf3; } .line { stroke: #3d444d; }
  .faint { fill: #9198a1; stroke: #0d1117; }
  .S { fill: #4a7dbd; } text.on { fill: #0d1117; } text.on-S { fill: #ffffff; }
}
"""


@dataclass(frozen=True)
class Frame:
    """Where the time axis lies."""

    left: float
    scale: Scale  # one cell a column of text

    def x(self, moment: float) -> float:
        """Return where a moment lies."""
        return self.left + moment / max(self.scale.seconds, 0.001) * (WIDTH - EDGE - self.left)


def draw(trace: Trace) -> str:
    """Return the drawing."""
    rows = tree(trace)[:ROWS_DRAWN]
    margin = min(max(columns(label(row)) for row in rows), LABEL_COLUMNS)
    left = EDGE + (margin + 2) * COLUMN
    frame = Frame(left, Scale(trace.seconds, int((WIDTH - EDGE - left) / COLUMN)))
    y = EDGE + 3 * ROW + (MISSED if trace.missed else 0)
    parts, tops = births_missed(trace, frame), {}
    for row in rows:
        tops[row.history.pid] = y
        drawn, height = row_parts(row, trace, frame, y, margin)
        parts += drawn
        y += height
    parts = [*axis(frame, y), *births(rows, frame, tops), *parts, *key(y + ROW, trace)]
    height = y + 2.5 * ROW + EDGE
    title = text(EDGE, EDGE + 12, fit(headline(trace), int((WIDTH - 2 * EDGE) / COLUMN)))
    return document(height, [title, *parts])


def document(height: float, parts: list[str]) -> str:
    """Return the whole file."""
    size = f'width="{WIDTH:g}" height="{height:g}" viewBox="0 0 {WIDTH:g} {height:g}"'
    page = '<rect class="page" width="100%" height="100%" rx="8"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<style>{STYLE}</style>\n{page}'
    return "\n".join([head, *parts, "</svg>\n"])


def row_parts(row: Row, trace: Trace, frame: Frame, y: float, margin: int) -> tuple[list[str], float]:
    """Return one process's label, bar and notes, and their height."""
    parts = [text(EDGE, y + BAR - 4, fit(label(row), margin))]
    # The most notable last, so that no other state's bar covers it.
    for span in sorted(row.history.states, key=lambda span: -rank(span.value)):
        parts += bar(span, frame, y)
    lanes: list[float] = []  # how far each line of notes is taken
    for note in notes(row.history, trace):
        parts += note_parts(note, frame, y, lanes)
    return parts, ROW + NOTE * len(lanes)


def bar(span: Span[str], frame: Frame, y: float) -> list[str]:
    """Return a state's bar, with its letter where there is room."""
    x = frame.x(span.start)
    width = max(frame.x(span.end) - x, LEAST)
    known = span.value if span.value in state_names() else "other"
    hint = f"<title>{span.value} {span.start:.3f}–{span.end:.3f} s</title>"
    parts = [f'<rect class="{known}" x="{x:.1f}" y="{y:g}" width="{width:.1f}" height="{BAR:g}">{hint}</rect>']
    if width > 2 * COLUMN:
        parts.append(text(x + width / 2, y + BAR - 4, span.value, f"on on-{known}", anchor="middle"))
    return parts


def note_parts(note: Note, frame: Frame, y: float, lanes: list[float]) -> list[str]:
    """Return a note on the first line where it fits, and a tick up to its moment."""
    x = frame.x(note.moment)
    width = (columns(note.text) + 1) * COLUMN
    start = x if x + width < WIDTH - EDGE else x - width  # beside its tick, never across it
    lane = next((number for number, taken in enumerate(lanes) if taken <= start), len(lanes))
    lanes[lane : lane + 1] = [start + width + COLUMN]
    bottom = y + BAR + NOTE * (lane + 1)
    tick = f'<path class="born" d="M{x:.1f} {y + BAR:g} V{bottom - 4:g}"/>'
    return [tick, text(start + 4, bottom - 3, note.text, "faint")]


def births(rows: list[Row], frame: Frame, tops: dict[int, float]) -> list[str]:
    """Return a line from each parent's bar to the beginning of its child's."""
    lines = []
    for row in rows:
        history: History = row.history
        if row.branches and history.ppid in tops:
            x, top = frame.x(history.first_seen), tops[history.ppid] + BAR
            lines.append(f'<path class="born" d="M{x:.1f} {top:g} V{tops[history.pid]:g}"/>')
    return lines


def axis(frame: Frame, bottom: float) -> list[str]:
    """Return the moments above the rows, and a line down from each."""
    parts = []
    for moment in frame.scale.ticks(apart=10):
        x = frame.x(moment)
        parts.append(f'<path class="line" d="M{x:.1f} {EDGE + 2.6 * ROW:g} V{bottom:g}"/>')
        name = f"{moment:g} s"
        within = min(x, WIDTH - EDGE - columns(name) * COLUMN / 2)
        parts.append(text(within, EDGE + 2.4 * ROW, name, "faint", anchor="middle"))
    return parts


def births_missed(trace: Trace, frame: Frame) -> list[str]:
    """Return a mark below the axis for births too short to be seen, with their number where there is room."""
    parts, taken, y = [], 0.0, EDGE + 2.6 * ROW
    for span in trace.missed:
        x = frame.x(span.end)
        if x >= taken:
            hint = f"<title>{escape(came_and_went([span]))}</title>"
            parts.append(f'<path class="missed" d="M{x - 4:.1f} {y:g} h8 l-4 7 Z">{hint}</path>')
            within = min(x + 6, WIDTH - EDGE - columns(str(span.value)) * COLUMN)
            parts.append(text(within, y + 9, str(span.value), "faint"))
            taken = x + 12 + columns(str(span.value)) * COLUMN
    return parts


def key(y: float, trace: Trace) -> list[str]:
    """Return the legend, and how it ended."""
    parts, x = [], EDGE
    for letter, meaning in state_names().items():
        if letter != NOTHING:
            parts.append(f'<rect class="{letter}" x="{x:.1f}" y="{y:g}" width="{BAR:g}" height="{BAR:g}"/>')
            parts.append(text(x + BAR / 2, y + BAR - 4, letter, f"on on-{letter}", anchor="middle"))
            parts.append(text(x + BAR + 6, y + BAR - 4, meaning))
            x += BAR + 24 + columns(meaning) * COLUMN
    return [*parts, text(EDGE, y + ROW + BAR - 2, "; ".join(outcome(trace)))]


def text(x: float, y: float, content: str, kind: str = "", anchor: str = "start") -> str:
    """Return a line of text; spaces count."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"' + (f' class="{kind}"' if kind else "")
    return f'<text {place} xml:space="preserve">{escape(content)}</text>'

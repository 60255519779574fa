"""index.html: the class on one page, without a network: a table, and each verdict with its timeline."""

import re
from collections.abc import Iterator, Sequence
from html import escape

from checks.grading.evidence import Grade, Report
from checks.grading.files import WORDS, called, columns_of, titled, word
from checks.judging.picture import picture
from checks.judging.result import Result
from lab.exercises import NUMBERS
from lab.language import tr
from lab.trace import svg

ROWS_DRAWN = 40  # processes; of a swarm the sentence says enough
MARKS = {"passed": "✓", "not yet": "✗", "missing": "·", "unknown": "?"}
ENGLISH = {"missing": "not begun"}  # where a person reads another word than a program
CHINESE = {"passed": "已通过", "not yet": "尚未通过", "missing": "尚未开始", "unknown": "无法判断"}
STYLE = """
:root { color-scheme: light dark; --page: #ffffff; --text: #1f2328; --faint: #656d76; --line: #d0d7de; --soft: #f6f8fa;
  --passed: #1a7f37; --failed: #cf222e; --unknown: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --text: #e6edf3; --faint: #9198a1; --line: #3d444d;
  --soft: #151b23; --passed: #3fb950; --failed: #f85149; --unknown: #d29922; } }
body { margin: 2rem auto; max-width: 66rem; padding: 0 1rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); }
p.faint, .faint { color: var(--faint); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .15rem .45rem; text-align: center; border-bottom: 1px solid var(--line); }
th.left, td.left { text-align: left; white-space: nowrap; } thead th { font-weight: 600; vertical-align: bottom; }
td a, th a { color: inherit; text-decoration: none; } td a:hover { text-decoration: underline; }
.passed { color: var(--passed); } .not-yet { color: var(--failed); } .unknown { color: var(--unknown); }
.missing { color: var(--faint); }
details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; padding: .4rem .8rem; }
details[open] { padding-bottom: .8rem; } summary { cursor: pointer; } summary b { font-weight: 600; }
ul { list-style: none; margin: .4rem 0; padding: 0; } li { margin: .15rem 0 .15rem 1.4rem; text-indent: -1.4rem; }
.why { margin: .1rem 0 .4rem; padding: .4rem .7rem; background: var(--soft); border-radius: 6px; text-indent: 0;
  overflow-wrap: anywhere; }
.why p { margin: 0; } code, pre { font: 12px/1.4 ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; }
pre { overflow-x: auto; background: var(--soft); padding: .6rem; border-radius: 6px; }
figure { margin: .6rem 0 0; } figure svg { width: 100%; height: auto; }
@media print {
  body { margin: 0; max-width: none; padding: 0; font-size: 10px; } code { font-size: 9px; } pre { font-size: 7px; }
  h2 { break-before: page; break-after: avoid; margin-top: 0; } /* a seat's sheet can be handed out */
  .scroll { overflow: visible; } th, td { padding: .1rem .2rem; }
  td.left { white-space: normal; overflow-wrap: anywhere; }
  details { display: flow-root; break-inside: avoid; border-color: #999; margin: .3rem 0; padding: .2rem .5rem; }
  details::details-content { content-visibility: visible; height: auto; }
  details[open] > ul { float: left; width: 37%; } figure, pre { margin: .2rem 0 0 38%; }
}
"""
# A page that is printed shows what is folded up on the screen.
SCRIPT = """
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(d => {
  d.dataset.open = d.open; d.open = true; }));
addEventListener("afterprint", () => document.querySelectorAll("details").forEach(d => {
  d.open = d.dataset.open === "true"; }));
"""


def page(reports: Sequence[Report], summary: str) -> Iterator[str]:
    """Yield the page, a piece at a time: a class's timelines are some megabytes."""
    began = min((report.began for report in reports), default="")[:16].replace("T", " ")
    yield f"<!doctype html>\n<html lang='{tr('en', 'zh-CN')}'><head><meta charset='utf-8'>"
    yield f"<title>forklab: {tr('the class', '全班')}</title>"
    yield "<meta name='viewport' content='width=device-width'>"
    yield f"<style>{svg.STYLE}{STYLE}</style><script>{SCRIPT}</script></head><body>"
    yield f"<h1>{tr('The class', '全班')}</h1><p class='faint'>{began} UTC. {escape(summary)}{tr('.', '。')}</p>"
    yield from matrix(reports)
    for report in reports:
        yield f"<h2 id='{escape(report.seat)}'>{escape(called(report))} "
        yield f"<span class='faint'>{report.passed}/{len(report.grades)}</span></h2>"
        for grade in report.grades:
            yield from section(report, grade)
    yield "</body></html>\n"


def matrix(reports: Sequence[Report]) -> Iterator[str]:
    """Yield the table: a row a seat, a column an exercise."""
    slugs = columns_of(reports)
    seat, name, passed = tr("seat name passed", "座位 姓名 通过").split()
    yield f"<div class='scroll'><table><thead><tr><th class='left'>{seat}<th class='left'>{name}<th>{passed}"
    yield from (f"<th title='{escape(titled(slug))}'>{NUMBERS[slug]}" for slug in slugs)
    yield "</thead><tbody>"
    for report in reports:
        seat, name = escape(report.seat), escape(report.name)
        yield f"<tr><td class='left'><a href='#{seat}'>{seat}</a><td class='left'>{name}<td>{report.passed}"
        grades = {grade.slug: grade for grade in report.grades}
        yield from (cell(report, grades.get(slug), slug) for slug in slugs)
    yield "</tbody></table></div><p class='faint'>"
    yield "  ".join(f"<span class='{css(name)}'>{sign}</span> {said(name)} &nbsp;" for name, sign in MARKS.items())
    yield "</p><p class='faint'>" + " · ".join(f"{NUMBERS[slug]}&nbsp;{escape(slug)}" for slug in slugs) + "</p>"


def cell(report: Report, grade: Grade | None, slug: str) -> str:
    """Return a grade in the table, which leads to its section."""
    if not grade:
        return "<td>"
    name = word(grade)
    tip = escape(f"{titled(slug)}: {said(name)}", quote=True)
    return f"<td class='{css(name)}'><a href='#{anchor(report, grade)}' title='{tip}'>{MARKS[name]}</a>"


def said(name: str) -> str:
    """Return what a grade is called to a person."""
    return tr(ENGLISH.get(name, name), CHINESE[name])


def css(name: str) -> str:
    """Return a class of the style sheet."""
    return name.replace(" ", "-")


def anchor(report: Report, grade: Grade) -> str:
    """Return the name of a section."""
    return escape(f"{report.seat}-{grade.slug}")


def section(report: Report, grade: Grade) -> Iterator[str]:
    """Yield one exercise of one seat: folded up, unless there is something to say."""
    name = word(grade)
    is_open = " open" if name in ("not yet", "unknown") else ""
    yield f"<details id='{anchor(report, grade)}'{is_open}><summary><span class='{css(name)}'>{MARKS[name]}</span> "
    yield f"<b>{NUMBERS[grade.slug]} {escape(titled(grade.slug))}</b> <span class='faint'>{said(name)} "
    yield f"· {grade.seconds:.1f} {tr('s', '秒')}</span></summary><ul>"
    yield from map(item, grade.results)
    yield "</ul>"
    yield from pictures(grade)
    yield "</details>"


def item(result: Result) -> str:
    """Return one result."""
    is_put_off = result["passed"] is None and result["dependency"]
    name = "missing" if is_put_off else WORDS[result["passed"]]
    line = f"<li><span class='{css(name)}'>{MARKS[name]}</span> {escape(result['description'])}"
    cause = result["cause"]
    if remark := result["data"].get("remark"):
        line += f"<div class='why'><p>{escape(remark)}</p></div>"
    if not cause or is_put_off:
        return line
    expected, actual = (f"<code>{escape(cause[key])}</code>" for key in ("expected", "actual"))
    compared = tr(f"expected: {expected}, seen: {actual}", f"应为：{expected}，实际：{actual}")
    parts = [
        escape(cause["rationale"]),
        compared if cause["expected"] or cause["actual"] else "",
        escape(cause["help"]),
    ]
    return line + "<div class='why'>" + "".join(f"<p>{part}</p>" for part in parts if part) + "</div>"


def pictures(grade: Grade) -> Iterator[str]:
    """Yield what was seen: each timeline, or the rows of ps of a live exercise."""
    for trace in grade.traces:
        if not 0 < len(trace.processes) <= ROWS_DRAWN:
            yield f"<p class='faint'>{tr('processes: ', '进程数：')}{len(trace.processes)}</p>"
        elif trace.command:
            yield f"<figure>{re.sub('<style>.*?</style>', '', svg.draw(trace), flags=re.DOTALL)}</figure>"
        else:
            yield f"<pre>{escape(picture(trace))}</pre>"

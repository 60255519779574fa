"""The drawing of traces in a browser: what is drawn where, what a person's hands do, what goes on; nothing hostile."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lab.trace import Trace, html, record
from lab.trace.history import Calls, Command, Exit, Span, Wait, document
from lab.trace.texts import texts
from lab.trace.timeline import label, tree
from tests.browser import OpenPage
from tests.eventually import eventually
from tests.test_timeline import PARENT, ZOMBIE, english, process, spans, trace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

__all__ = ["english"]
ADDRESS = "http://trace.test/"
EMPTY = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="timeline.css"><div id="place"></div>"""
KINDS = {".js": "text/javascript", ".css": "text/css"}
HOSTILE = "</script><script>window.hit = 1</script><!--<img src=x onerror='window.hit = 2'>\x1b[31m\u202e&amp;\x00"
GROWING = """
import os, time
for number in range(3):
    if os.fork() == 0:
        if number == 1 and os.fork() == 0:
            os.execvp("sleep", ["sleep", "0.3"])
        time.sleep(0.2)
        os._exit(number)
time.sleep(0.4)
for _ in range(3):
    os.wait()
"""


def serve(page: "Page") -> None:
    """Let a page find the modules as `web` serves them: with a policy that lets nothing inline run."""

    def answer(route: "Route") -> None:
        name = route.request.url.removeprefix(ADDRESS)
        if not name:
            policy = {"content-security-policy": "default-src 'self'"}
            route.fulfill(body=EMPTY, content_type="text/html", headers=policy)
            return
        path = html.FOLDER / name
        route.fulfill(body=path.read_text(), content_type=KINDS[path.suffix])

    page.route(ADDRESS + "**", answer)
    page.goto(ADDRESS)


def show(page: "Page", what: Trace, **options: Any) -> None:
    """Draw a recording; `view` is the page's."""
    serve(page)
    page.evaluate(
        """async ([given, options]) => {
            const { draw } = await import("/timeline.js");
            window.view = draw(document.getElementById("place"), given, options);
        }""",
        [document(what), options],
    )
    drawn(page)


def drawn(page: "Page") -> None:
    """Wait until what was asked for is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def place(page: "Page", pid: int, moment: float) -> tuple[float, float]:
    """Return where a process's bar is at a moment, once what was asked for is drawn: the x and y of the window."""
    drawn(page)
    x, y = page.evaluate(
        """([pid, moment]) => {
            const row = view.rows.find((row) => row.processes.some((process) => process.pid === pid));
            const box = view.canvas.getBoundingClientRect();
            return [box.left + view.frame.x(moment), box.top + row.y - view.plot.scrollTop + 1];
        }""",
        [pid, moment],
    )
    return x, y


def colour(page: "Page", pid: int, moment: float) -> str:
    """Return the colour of a process's bar at a moment, as #rrggbb."""
    x, y = place(page, pid, moment)
    found: str = page.evaluate(
        """([x, y]) => {
            const box = view.canvas.getBoundingClientRect(), ratio = view.canvas.width / box.width;
            const [left, top] = [(x - box.left) * ratio, (y - box.top) * ratio];
            const { data } = view.canvas.getContext("2d").getImageData(left, top, 1, 1);
            return "#" + [...data.slice(0, 3)].map((part) => part.toString(16).padStart(2, "0")).join("");
        }""",
        [x, y],
    )
    return found


def ps(page: "Page") -> list[list[str]]:
    """Return the rows of ps below the drawing."""
    drawn(page)
    found: list[list[str]] = page.evaluate(
        """() => [...document.querySelectorAll(".trace-ps tbody tr")]
            .map((row) => [...row.cells].map((cell) => cell.textContent))"""
    )
    return found


def number(page: "Page", expression: str) -> float:
    """Return a number of the view's."""
    found: float = page.evaluate(f"() => {expression}")
    return found


def test_what_it_says_is_what_python_has_translated(page: "Page") -> None:
    serve(page)
    assert page.evaluate("async () => (await import('/texts.js')).TEXTS") == texts()


def test_rows_stand_and_are_called_as_in_the_terminal(page: "Page") -> None:
    grown = record([sys.executable, "-c", GROWING])
    show(page, grown)
    named = page.evaluate("() => view.rows.map((row) => `${row.branches}${row.process.pid} ${row.name}`)")
    assert named == [label(row) for row in tree(grown)]
    assert len(named) >= 5


@pytest.mark.parametrize(("scheme", "sleeping"), [("light", "#9cc3ee"), ("dark", "#4a7dbd")])
def test_states_have_the_colours_of_the_svg(open_page: OpenPage, scheme: str, sleeping: str) -> None:
    page = open_page(color_scheme=scheme)
    show(page, trace(PARENT, ZOMBIE))
    assert [colour(page, 3, moment) for moment in (0.25, 0.55, 0.75)] == [sleeping, "#d1242f", "#d1242f"]
    assert [colour(page, 2, moment) for moment in (0.05, 0.15)] == ["#2da44e", sleeping]
    assert colour(page, 3, 0.9) == {"light": "#ffffff", "dark": "#0d1117"}[scheme], "it is gone"


def test_a_state_too_short_for_a_pixel_is_seen_and_covers_what_is_less_notable(page: "Page") -> None:
    short = process(3, 2, (0.0, "S"), (50.0, "Z"), (50.01, "S"), until=100.0)
    show(page, trace(process(2, 1, (0.0, "S"), until=100.0), short, seconds=100.0))
    page.evaluate("() => view.select(null)")  # the cursor stands on the zombie
    drawn(page)
    assert colour(page, 3, 50.1) == "#d1242f"
    assert colour(page, 2, 50.1) == "#9cc3ee"


def test_a_tracers_stop_does_not_look_like_the_programs(page: "Page") -> None:
    stopped = process(2, 1, (0.0, "T"), (0.5, "t"), until=1.0)
    show(page, trace(stopped, calls=Calls(True, (), 0, (), ())))
    assert [colour(page, 2, moment) for moment in (0.2, 0.7)] == ["#a475f9", "#8c959f"]
    assert "t is strace's doing" in page.inner_text(".trace-note")
    assert "stopped by a tracer" in page.inner_text(".trace-key")


def test_a_moment_has_its_rows_of_ps(page: "Page") -> None:
    show(page, trace(PARENT, replace(ZOMBIE, niceness=spans((0.2, 0), (0.3, 5), until=0.8))))
    for moment, rows in (
        (0.1, [["2", "1", "S", "0", "python3 2.py"]]),
        (0.4, [["2", "1", "S", "0", "python3 2.py"], ["3", "2", "SN", "5", "python3 3.py"]]),
        (0.6, [["2", "1", "S", "0", "python3 2.py"], ["3", "2", "ZN", "5", "[python3] <defunct>"]]),
        (0.9, [["2", "1", "S", "0", "python3 2.py"]]),
    ):
        page.mouse.click(*place(page, 2, moment))
        assert ps(page) == rows, moment
        assert page.inner_text(".trace-bar output") == f"at {number(page, 'view.moment'):.3f} s"


def test_it_opens_at_the_zombie(page: "Page") -> None:
    show(page, trace(PARENT, ZOMBIE))
    assert [row[2] for row in ps(page)] == ["S", "Z"]


def test_keys_move_the_moment_and_the_time_in_sight(page: "Page") -> None:
    show(page, trace(PARENT, ZOMBIE))
    page.focus(".trace-plot")
    page.keyboard.press("Home")
    moments = [number(page, "view.moment")]
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowLeft", "ArrowRight", "End"):
        page.keyboard.press(key)
        moments.append(number(page, "view.moment"))
    assert moments == pytest.approx([0.0, 0.1, 0.2, 0.5, 0.2, 0.21, 1.0])
    drawn(page)
    slider = page.get_by_role("slider", name="moment")
    assert slider.get_attribute("aria-valuenow") == "1.00"
    assert slider.get_attribute("aria-valuetext") == "at 1.000 s"
    page.keyboard.press("+")
    assert number(page, "view.to - view.from") == pytest.approx(0.5)
    page.keyboard.press("PageUp")
    assert number(page, "view.from") == pytest.approx(0.25)
    page.keyboard.press("0")
    assert [number(page, "view.from"), number(page, "view.to")] == [0, 1]
    page.keyboard.press("Escape")
    assert page.evaluate("() => view.moment") is None


def test_the_wheel_zooms_around_the_pointer_with_ctrl_and_else_scrolls(page: "Page") -> None:
    many = [process(pid, 2, (0.0, "S"), until=1.0) for pid in range(3, 80)]
    show(page, trace(PARENT, *many))
    page.mouse.move(*place(page, 2, 0.3))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    eventually(lambda: number(page, "view.to - view.from") < 0.5)
    drawn(page)
    pointed = number(page, "view.frame.moment(view.pointer.x)")
    assert pointed == pytest.approx(0.3, abs=0.01)
    page.mouse.wheel(0, 300)
    eventually(lambda: number(page, "view.plot.scrollTop") > 0)
    assert number(page, "view.to - view.from") < 0.5
    page.get_by_role("button", name="all of it").click()
    assert number(page, "view.to - view.from") == 1
    page.get_by_role("button", name="zoom in").click()
    assert number(page, "view.to - view.from") == 0.5


def test_a_hovered_process_is_told(page: "Page") -> None:
    adopted = process(
        4, 2, (0.2, "S"), until=1.0, parents=spans((0.2, 2), (0.6, 1), until=1.0), niceness=spans((0.2, 7), until=1.0)
    )
    show(page, trace(PARENT, adopted))
    page.mouse.move(*place(page, 4, 0.605))
    drawn(page)
    told = page.inner_text(".trace-tip").splitlines()
    assert told[0] == "4 python3 4.py"
    assert told[1] == "S sleeping since 0.20 s, for 0.800 s"
    assert told[2:] == ["parent 1, niceness 7", "adopted by 1 (tini)"]
    page.mouse.move(5, 5)
    drawn(page)
    assert page.is_hidden(".trace-tip")


def happened(page: "Page", pid: int) -> list[list[Any]]:
    """Return the kinds and words of what is marked in a process's row."""
    found: list[list[Any]] = page.evaluate(
        """(pid) => view.rows.flatMap((row) => row.processes.filter((process) => process.pid === pid)
            .flatMap((process) => row.marks(process).map(({ kind, text }) => [kind, text])))""",
        pid,
    )
    return found


def test_exec_reap_niceness_adoption_and_death_are_marked(page: "Page") -> None:
    parent = replace(PARENT, reaped=spans((0.0, 10), (0.8, 80), until=1.0), exit=Exit(None, 9))
    child = process(
        3, 2, (0.2, "S"), (0.7, "Z"), until=0.8, exit=Exit(3, None),
        niceness=spans((0.2, 0), (0.3, 10), until=0.8), threads=spans((0.2, 1), (0.5, 2), until=0.8),
        parents=spans((0.2, 2), (0.6, 1), until=0.8),
        commands=spans(
            (0.2, Command("python3", ("python3", "a.py"))), (0.4, Command("sleep", ("/bin/sleep", "1"))),
            (0.7, Command("sleep", ())), until=0.8,
        ),
    )  # fmt: skip
    show(page, trace(parent, child, missed=(Span(0.1, 0.11, 4),)))
    assert happened(page, 2) == [["reap", "waited for a child"], ["ended", "killed by SIGKILL"]]
    assert happened(page, 3) == [
        ["nice", "niceness 0 → 10"],
        ["exec", "now sleep 1"],
        ["nice", "threads 1 → 2"],
        ["adopted", "adopted by 1 (tini)"],
        ["ended", "exit 3"],
    ]
    assert "between two samples: 4" in page.inner_text(".trace-note")


def test_a_command_that_no_sample_saw_is_no_fault(page: "Page") -> None:
    show(page, trace(replace(PARENT, states=(), niceness=(), threads=(), foreground=(), exit=Exit(3, None))))
    page.mouse.move(*place(page, 2, 0.5))
    drawn(page)
    assert page.inner_text(".trace-tip").startswith("2 python3 2.py")


def test_a_swarm_scrolls(page: "Page") -> None:
    """As many processes as are recorded: what is drawn is what is in sight."""
    swarm = [process(pid, 2, (0.1, "S"), until=0.9, exit=Exit(pid % 3, None)) for pid in range(3, 1000)]
    show(page, trace(PARENT, *swarm))
    assert number(page, "view.canvas.clientHeight") <= 490
    page.evaluate("() => { view.plot.scrollTop = 1e6; }")
    drawn(page)
    assert colour(page, 999, 0.3) == "#9cc3ee"
    assert "… and 798 more" in page.inner_text(".trace-ps")


def test_with_calls_it_is_told_which_wait_returned_whom(page: "Page") -> None:
    wait = Wait(0.8, 0.3, 2, "wait4", 3, "ended", Exit(7, None), None)
    show(page, trace(PARENT, ZOMBIE, calls=Calls(True, (), 0, (wait,), ())))
    assert happened(page, 2) == [["reap", "wait4 returned 3: exit 7"]]


@pytest.mark.parametrize("width", [380, 1400])
def test_it_fits_the_window(open_page: OpenPage, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 700})
    show(page, trace(PARENT, replace(ZOMBIE, commands=spans((0.2, Command("x", ("x" * 400,))), until=0.8))))
    assert number(page, "document.documentElement.scrollWidth") <= width
    assert number(page, "view.frame.right - view.frame.left") > width * 0.5


def test_fingers_tap_a_moment_and_pinch(open_page: OpenPage) -> None:
    page = open_page(has_touch=True, viewport={"width": 400, "height": 700})
    show(page, trace(PARENT, ZOMBIE))
    page.touchscreen.tap(*place(page, 2, 0.25))
    assert number(page, "view.moment") == pytest.approx(0.25, abs=0.02)
    fingers = page.context.new_cdp_session(page)
    (left, y), (right, _) = place(page, 2, 0.4), place(page, 2, 0.6)
    for kind, spread in (("touchStart", 0), ("touchMove", 10), ("touchMove", 40), ("touchEnd", None)):
        points = (
            [] if spread is None else [{"x": left - spread, "y": y, "id": 0}, {"x": right + spread, "y": y, "id": 1}]
        )
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert number(page, "view.to - view.from") < 0.7
    assert number(page, "view.from") < 0.5 < number(page, "view.to")
    assert number(page, "view.moment") == pytest.approx(0.25, abs=0.02), "a pinch is no tap"


def hostile() -> Trace:
    """Return a recording in which every text that a program can choose is hostile."""
    named = {"commands": spans((0.2, Command(HOSTILE[:15], (HOSTILE, HOSTILE))), until=1.0)}
    child = process(3, 2, (0.2, "S"), until=1.0, parents=spans((0.2, 2), (0.5, 1), until=1.0), **named)
    return trace(PARENT, child, command=("python3", HOSTILE), outsiders={1: HOSTILE})


def test_a_hostile_command_line_is_text(page: "Page") -> None:
    show(page, hostile())
    page.mouse.click(*place(page, 3, 0.6))
    assert ps(page)[1][4].startswith("</script><script>window.hit = 1")
    assert page.evaluate("() => window.hit") is None
    assert page.locator("#place img, #place script").count() == 0
    assert not re.search("[\x00-\x08\x1b\u202e]", page.inner_text("body"))


def written(what: Trace, folder: Path) -> str:
    """Write a page; return its address."""
    (folder / "a.html").write_text(html.draw(what), encoding="utf-8")
    return (folder / "a.html").as_uri()


def test_a_page_of_its_own_opens_without_a_network_and_lets_nothing_hostile_run(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(offline=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    address = written(hostile(), tmp_path)
    page.goto(address)
    page.wait_for_selector(".trace-ps tbody tr")
    assert asked == [address]
    assert page.evaluate("() => window.hit") is None
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2
    assert "exit status 0" in page.inner_text("body")
    given = json.loads(page.evaluate("() => document.getElementById('given').textContent"))
    assert Trace.from_json(json.dumps(given["trace"])) == hostile()


def test_a_page_of_its_own_lets_no_other_script_run(browser: "Browser", tmp_path: Path) -> None:
    """What its policy is for: a fault of ours that lets something through."""
    page = browser.new_page()
    (tmp_path / "a.html").write_text(
        html.draw(trace(PARENT)).replace("</body>", "<script>window.hit = 1</script></body>")
    )
    page.goto((tmp_path / "a.html").as_uri())
    page.wait_for_selector(".trace-ps tbody tr")
    assert page.evaluate("() => window.hit") is None
    page.close()


def test_without_scripts_there_is_the_svg(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(written(trace(PARENT, ZOMBIE), tmp_path))
    assert page.locator("svg rect.Z").count() >= 1


def test_a_page_of_its_own_speaks_chinese(open_page: OpenPage, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    words = [sys.executable, "-m", "lab.trace", "--html", str(path), "true"]
    subprocess.run(words, env=os.environ | {"LANGUAGE": "zh_CN"}, check=True, capture_output=True, timeout=60)
    page = open_page()
    page.goto(path.as_uri())
    assert page.get_attribute("html", "lang") == "zh-CN"
    assert "僵尸" in page.inner_text(".trace-key")
    assert page.get_by_role("button", name="放大").count() == 1


# What goes on.


def begin_live(page: "Page", **options: Any) -> None:
    """Follow a Live, to which `sample` gives the processes of a moment."""
    serve(page)
    page.evaluate(
        """async (options) => {
            const { Live, follow } = await import("/live.js");
            window.live = new Live();
            window.view = follow(document.getElementById("place"), live, options);
            window.P = (pid, ppid, more) => ({ pid, ppid, pgid: pid, sid: 1, state: "S", nice: 0, threads: 1,
                command: `python3 ${pid}.py`, start: 800 + pid, reaps: 0, ...more });
        }""",
        options,
    )


def sample(page: "Page", time: float, *processes: str, missed: int = 0) -> None:
    """Take a sample, of processes as the page's P makes them."""
    page.evaluate(f"() => live.take({{ time: {time}, missed: {missed}, processes: [{', '.join(processes)}] }})")


def sample_on(page: "Page", first: int, last: int, every: float, processes: str) -> None:
    """Take samples, at second 1000 and every so many seconds; `step` is the number of each, `time` its time."""
    page.evaluate(
        f"""() => {{ for (let step = {first}; step < {last}; step++) {{
            const time = 1000 + step * {every};
            live.take({{ time, missed: 0, processes: [{processes}] }});
        }} }}"""
    )


def test_what_goes_on_is_a_document_like_any_other(page: "Page") -> None:
    begin_live(page)
    sample(page, 1000.0, "P(1, 0)", "P(5, 1)", missed=40)
    sample(page, 1000.5, "P(1, 0)", "P(5, 1, {nice: 3})", "P(6, 5)", missed=40)
    sample(page, 1001.0, "P(1, 0)", "P(5, 1, {nice: 3})", "P(6, 5, {state: 'Z', command: 'python3'})", missed=42)
    sample(page, 1002.0, "P(1, 0)", "P(5, 1, {nice: 3, reaps: 1, command: 'sleep 9'})")
    found = Trace.from_json(page.evaluate("() => JSON.stringify(live.document(2.0))"))
    init, shell, child = found.processes
    assert (init.pid, shell.pid, child.pid, found.seconds) == (1, 5, 6, 2.0)
    assert [(span.start, span.end, span.value) for span in child.states] == [(0.5, 1.0, "S"), (1.0, 2.0, "Z")]
    assert (child.gone, shell.gone, child.ppid) == (2.0, None, 5)
    assert [span.value for span in shell.niceness] == [0, 3]
    assert [span.value for span in shell.reaped] == [0, 1]
    assert shell.command == Command("sleep", ("sleep", "9"))
    assert [(span.start, span.end, span.value) for span in found.missed] == [(0.5, 1.0, 2)]


def test_a_zombie_is_seen_within_a_second(page: "Page") -> None:
    begin_live(page)
    sample(page, 1000.0, "P(1, 0)", "P(5, 1)")
    page.evaluate(
        """() => { let time = 1000; window.timer = setInterval(() => {
            time += 0.02;
            live.take({ time, missed: 0, processes: [P(1, 0), P(5, 1, { state: window.state ?? "S" })] });
        }, 20); }"""
    )
    eventually(lambda: number(page, "view.document.seconds") > 0.3)
    assert colour(page, 5, number(page, "view.document.seconds - 0.2")) == "#9cc3ee"
    page.evaluate("() => { window.state = 'Z'; window.since = live.last; }")
    eventually(lambda: ["5", "1", "Z", "0", "[python3] <defunct>"] in ps(page), within=10)
    assert number(page, "live.last - window.since") < 1.5
    since = number(page, "window.since")
    eventually(lambda: number(page, "view.document.seconds") > since + 0.6)
    page.evaluate("() => view.zoom(60)")
    assert colour(page, 5, since + 0.3) == "#d1242f"


def test_it_follows_until_a_moment_is_chosen_and_goes_on_when_it_is_let_go(page: "Page") -> None:
    begin_live(page)
    sample_on(page, 0, 400, 0.1, "P(1, 0), P(5, 1)")
    eventually(lambda: number(page, "view.document.seconds") > 39)
    assert number(page, "view.to - view.from") == 60
    assert number(page, "view.to - view.document.seconds") == 0
    page.mouse.click(*place(page, 5, 20.0))
    assert number(page, "view.moment") == pytest.approx(20, abs=2), "it went on until the click"
    before = number(page, "view.from")
    sample_on(page, 400, 420, 0.1, "P(1, 0)")
    eventually(lambda: number(page, "view.document.seconds") > 41)
    drawn(page)
    assert number(page, "view.from") == before
    assert [row[0] for row in ps(page)] == ["1", "5"], "as it was then"
    page.get_by_role("button", name="follow").click()
    eventually(lambda: [row[0] for row in ps(page)] == ["1"])
    assert page.evaluate("() => view.moment") is None
    assert number(page, "view.to - view.document.seconds") == 0


def test_children_of_a_loop_share_a_row(page: "Page") -> None:
    """A shell that starts a program after the other: a row each would be hundreds."""
    begin_live(page)
    sample_on(page, 0, 100, 0.1, "P(1, 0), P(5, 1), P(100 + step, 5, { start: time })")
    eventually(lambda: number(page, "view.rows.length") == 3)
    eventually(lambda: number(page, "view.rows.at(-1).processes.length") == 100)
    assert page.evaluate("() => view.rows.at(-1).process.pid") == 199


def test_children_stand_in_the_order_of_their_birth_where_the_pids_begin_anew(page: "Page") -> None:
    begin_live(page)
    born = [32766, 32767, 300, 302]
    sample(page, 1000.0, "P(1, 0)", *(f"P({pid}, 1, {{ start: 900 }})" for pid in sorted(born)), "P(20000, 1)")
    eventually(lambda: page.evaluate("() => view.rows.map((row) => row.process.pid)") == [1, *born, 20000])


def test_the_window_moves_on_and_nothing_is_kept_for_ever(page: "Page") -> None:
    begin_live(page)
    sample(page, 1000.0, "P(1, 0)", "P(5, 1)", "P(6, 5)")
    sample(page, 1010.0, "P(1, 0)", "P(6, 1)")
    eventually(lambda: page.evaluate("() => view.rows.map((row) => row.process.pid)") == [1, 5, 6])
    sample_on(page, 4, 104, 5, "P(1, 0), P(6, 1, { state: 'RS'[step % 2] })")
    eventually(lambda: page.evaluate("() => view.rows.map((row) => row.process.pid)") == [1, 6])
    assert number(page, "live.all.length") == 2
    assert number(page, "live.all[1].states.length") <= 300 / 5 + 2 + 10


def test_a_drawing_that_is_closed_is_gone(page: "Page") -> None:
    begin_live(page)
    sample(page, 1000.0, "P(1, 0)")
    eventually(lambda: number(page, "view.rows.length") == 1)
    page.evaluate("() => { view.close(); window.updates = 0; view.update = () => { window.updates++; }; }")
    drawn(page)
    drawn(page)
    assert (page.locator(".trace").count(), number(page, "window.updates")) == (0, 0)


def test_hands_that_come_before_the_first_drawing_do_no_harm(page: "Page") -> None:
    begin_live(page)
    wrong = page.evaluate(
        """async () => {
            const { Live, follow } = await import("/live.js");
            const wrong = [], { plot } = follow(document.getElementById("place"), new Live(), {});
            addEventListener("error", (event) => wrong.push(event.message));
            const how = { bubbles: true, cancelable: true, shiftKey: true, clientX: 300, clientY: 100, deltaX: 9 };
            for (const key of ["ArrowRight", "ArrowLeft", "Home", "+", "End"])
                plot.dispatchEvent(new KeyboardEvent("keydown", { ...how, key }));
            for (const kind of ["pointermove", "pointerleave"])
                plot.dispatchEvent(new PointerEvent(kind, how));
            plot.dispatchEvent(new WheelEvent("wheel", how));
            return wrong;
        }"""
    )
    assert wrong == []


def test_silence_is_told(page: "Page") -> None:
    begin_live(page)
    sample(page, 1000.0, "P(1, 0)")
    eventually(lambda: page.inner_text(".trace-bar output").startswith("no news for"), within=20)
    sample(page, 1004.0, "P(1, 0)")
    eventually(lambda: page.inner_text(".trace-bar output") == "now")


def test_drawing_what_goes_on_leaves_the_page_most_of_its_time(page: "Page") -> None:
    """128 processes at 50 Hz, all of whose states change, after a minute of the same."""
    begin_live(page)
    used, seconds, frames = page.evaluate(
        """async () => {
            let time = 1000, seed = 1;
            const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
            const take = () => {
                time += 0.02;
                const children = Array.from({ length: 125 },
                    (_, place) => P(10 + place, 5, { state: "RSSDZ"[Math.floor(random() * 5)] }));
                live.take({ time, missed: 0, processes: [P(1, 0), P(4, 1), P(5, 4), ...children] });
            };
            for (let step = 0; step < 3000; step++) take();
            let used = 0, frames = 0;
            const render = view.render.bind(view);
            view.render = () => { const at = performance.now(); render(); used += performance.now() - at; frames++; };
            await new Promise((done) => setTimeout(done, 500));
            used = frames = 0;
            const from = performance.now(), timer = setInterval(take, 20);
            await new Promise((done) => setTimeout(done, 3000));
            clearInterval(timer);
            return [used / 1000, (performance.now() - from) / 1000, frames];
        }"""
    )
    assert frames > 3
    assert frames <= seconds * 21
    assert used < seconds * 0.35, f"{used:.2f} s of {seconds:.2f} s for {frames} drawings"

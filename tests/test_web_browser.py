"""The class's pages in a real Chromium, the whole way: by the link, at the terminal, on both pages."""

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.class_in_browser import BrowserClass, browser_class, say
from tests.eventually import PATIENCE, eventually
from tests.lossy import Network

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]
OpenPage = Callable[..., "Page"]
SCREEN = """() => {
  const terminal = window.forklab?.terminal();
  const lines = [];
  if (!terminal) return '';
  const buffer = terminal.buffer.active;
  for (let row = 0; row < buffer.length; row += 1) lines.push(buffer.getLine(row).translateToString(true));
  return lines.join('\\n');
}"""


@pytest.fixture(scope="module", name="room")
def a_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserClass]:
    with browser_class(tmp_path_factory.mktemp("browser"), "browser") as found:
        yield found


@contextmanager
def mail(link: str) -> Iterator[str]:
    """A page of another site that has a link; its address."""

    class Mail(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<a href="{link}">your seat</a>'.encode())

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mail) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://localhost:{site.server_port}/"
        site.shutdown()


def screen(page: "Page") -> str:
    """Return what stands in the terminal that is chosen, its scrollback too."""
    return str(page.evaluate(SCREEN))


def wait_for(page: "Page", text: str) -> None:
    found = ""
    end = time.monotonic() + PATIENCE
    while text not in found:
        assert time.monotonic() < end, found
        page.wait_for_timeout(30)
        found = screen(page)


def typed(page: "Page", command: str, expected: str) -> None:
    """Type a command and wait for what it prints."""
    assert expected not in command
    page.click(".screen:not([hidden]) .xterm-screen")
    page.keyboard.type(f"{command}\n")
    wait_for(page, expected)


def at_seat(room: BrowserClass, page: "Page", seat: str) -> "Page":
    room.open(page, seat)
    wait_for(page, f"{seat}@{seat}")
    return page


def test_a_zombie_is_on_both_pages_within_a_second(room: BrowserClass, open_page: OpenPage) -> None:
    student = at_seat(room, open_page(), "zhang")
    assert student.url == f"{room.address}/"
    board = room.open(open_page(), "*")
    board.wait_for_selector("#class tbody tr")
    typed(student, "lab | head -1; echo ready$((1))", "ready1")
    typed(student, "lab demo zombie &", "child pid=")
    began = time.monotonic()
    student.wait_for_selector("#processes >> text=Z")
    board.wait_for_selector("#class .squares i.state-Z", state="attached")
    assert time.monotonic() - began < 1
    typed(student, "kill %1; wait; echo over$((1))", "over1")
    board.wait_for_selector("#class .squares i.state-Z", state="detached")


def test_a_link_on_another_page_leads_in(room: BrowserClass, open_page: OpenPage) -> None:
    page = open_page()
    with mail(room.links["li"]) as address:
        page.goto(address)
        page.click("text=your seat")
        page.wait_for_selector("#screens .xterm-screen", state="attached")
        wait_for(page, "li@li")
        assert room.token("li") not in page.url


def test_a_link_on_another_page_changes_no_seat_unasked(room: BrowserClass, open_page: OpenPage) -> None:
    page = at_seat(room, open_page(), "zhang")
    with mail(room.links["li"]) as address:
        page.goto(address)
        page.click("text=your seat")
        page.wait_for_selector("form >> text=zhang (张三)")
        assert "li (<b>Li</b> & Sohn)" in page.inner_text("form")
        assert room.open(page, "zhang").url == f"{room.address}/"
        wait_for(page, "zhang@zhang")
        page.goto(address)
        page.click("text=your seat")
        page.click("form button")
        wait_for(page, "li@li")
        assert room.token("li") not in page.url


def test_size_paste_and_wide_characters(room: BrowserClass, open_page: OpenPage) -> None:
    page = at_seat(room, open_page(viewport={"width": 1400, "height": 900}), "zhang")
    typed(page, "echo $(stty size) wide$((1))", "wide1")
    size = page.evaluate("[window.forklab.terminal().rows, window.forklab.terminal().cols]")
    assert f"{size[0]} {size[1]} wide1" in screen(page)
    page.set_viewport_size({"width": 1100, "height": 700})
    page.wait_for_timeout(400)
    typed(page, "echo $(stty size) narrow$((1))", "narrow1")
    smaller = page.evaluate("[window.forklab.terminal().rows, window.forklab.terminal().cols]")
    assert smaller < size
    assert f"{smaller[0]} {smaller[1]} narrow1" in screen(page)
    typed(page, "printf '你好😀\\e[6n'; read -s -d R at; echo \"${at#*;} column$((1))\"", "column1")
    assert "7 column1" in screen(page)  # two columns each
    data = "".join(f"{number:07}\n" for number in range(12500))
    typed(page, f"clear; stty -echo; echo quiet$((1)); head -c {len(data)} | cksum", "quiet1")
    page.evaluate(
        """text => {
          const data = new DataTransfer(); data.setData('text/plain', text);
          document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true}));
        }""",
        data,
    )
    wait_for(page, f" {len(data)}")
    typed(page, "stty echo; exit", "Press Enter")


def test_a_page_that_is_not_answered_at_once_asks_again(room: BrowserClass, open_page: OpenPage) -> None:
    """As one that is loaded in the moment in which the server begins anew."""
    page, asked = open_page(), []

    def answer(route: "Route") -> None:
        asked.append(route.request.url)
        lacks = [
            lambda: route.abort("connectionreset"),
            lambda: route.fulfill(status=503, body="later"),
            lambda: route.fulfill(status=200, body="half of wha"),
        ]
        if len(asked) <= len(lacks):
            lacks[len(asked) - 1]()
        else:
            route.continue_()

    page.route("**/api/seat", answer)
    room.open(page, "wang")
    page.wait_for_selector("#status >> text=no connection")
    wait_for(page, "wang@wang")
    page.wait_for_selector("#statement pre")
    assert (len(asked), page.inner_text("#status")) == (4, "")


def test_a_lost_server_and_a_lost_page_cost_nothing(room: BrowserClass, open_page: OpenPage) -> None:
    page = at_seat(room, open_page(), "wang")
    typed(page, "x=kept; echo begun$((1))", "begun1")
    room.kill("web")
    typed(page, "echo $x$((1))", "kept1")
    assert "begun1" in screen(page)
    page.reload()
    page.wait_for_selector("#screens .xterm-screen", state="attached")
    wait_for(page, "kept1")
    typed(page, "echo again-$x$((2))", "again-kept2")
    page.click("#tabs .new")
    typed(page, "echo second$((1))", "second1")
    page.reload()
    page.wait_for_selector("#screens .xterm-screen", state="attached")
    wait_for(page, "second1")
    assert page.locator("#tabs [role=tab]").count() == 2
    page.once("dialog", lambda dialog: dialog.dismiss())  # it asks whether that is meant
    page.click("#tabs .shut >> nth=1")
    assert page.locator("#tabs [role=tab]").count() == 2
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#tabs .shut >> nth=1")
    eventually(lambda: room.get("/api/seat", "wang").json()["terminals"] == ["1"])


def test_a_network_that_is_lost_without_a_word_costs_nothing(room: BrowserClass, open_page: OpenPage) -> None:
    with closing(Network(room.port)) as way:
        page = open_page()
        page.goto(f"http://127.0.0.1:{way.port}/s/{room.token('wang')}")
        wait_for(page, "wang@wang")
        typed(page, "x=kept; echo begun$((1))", "begun1")
        page.click(".screen:not([hidden]) .xterm-screen")
        page.keyboard.type("read; seq 200000; echo all$((1))\n")
        page.wait_for_timeout(300)
        way.lose()
        at_seat(room, open_page(), "wang").keyboard.type("\n")  # from elsewhere: 1.3 MB to a page that is lost
        page.wait_for_function("() => document.querySelector('#status').textContent.includes('no connection')")
        way.find()
        wait_for(page, "199999\n200000\nall1")
        # The browser may try connections first that it had kept for later, and that are dead too.
        page.wait_for_function("() => document.querySelector('#status').textContent === ''")
        typed(page, "clear; echo $x$((1)); lab demo zombie &", "kept1")
        page.wait_for_selector("#processes >> text=Z")
        typed(page, "kill %1; wait; echo over$((1))", "over1")


def test_two_browsers_at_one_terminal(room: BrowserClass, open_page: OpenPage) -> None:
    first = at_seat(room, open_page(), "zhang")
    second = room.open(open_page(), "zhang")
    typed(first, "echo both$((1))", "both1")
    wait_for(second, "both1")
    typed(second, "echo too$((1))", "too1")
    wait_for(first, "too1")
    second.click("#tabs .new")
    first.wait_for_selector("#tabs [role=tab] >> text=2")  # which goes on with its own
    first.keyboard.type("echo still$((1))\n")
    wait_for(first, "still1")
    second.once("dialog", lambda dialog: dialog.accept())
    second.click("#tabs .shut >> nth=1")


def test_a_flood_leaves_the_page_alive(room: BrowserClass, open_page: OpenPage) -> None:
    page = at_seat(room, open_page(), "zhang")
    page.click(".screen:not([hidden]) .xterm-screen")
    page.keyboard.type("yes\n")
    wait_for(page, "y\ny\ny")
    page.wait_for_timeout(1500)
    page.keyboard.press("Control+C")
    typed(page, "clear; echo back$((1))", "back1")


def test_the_teacher_looks_on_and_the_student_is_told(room: BrowserClass, open_page: OpenPage) -> None:
    student = at_seat(room, open_page(locale="zh-CN"), "li")
    board = room.open(open_page(locale="en"), "*")
    board.click("#class tbody >> text=li")
    student.wait_for_selector("#looking:not([hidden])")
    typed(student, "echo seen$((1))", "seen1")
    board.wait_for_function("() => window.forklab.opened()?.view?.mayType === false")
    student.click("#looking button")
    board.wait_for_function("() => window.forklab.opened()?.view?.mayType === true")
    board.click("#seat .xterm-screen")
    board.keyboard.type("echo teacher$((1))\n")
    wait_for(student, "teacher1")
    board.click("#seat .close")
    student.wait_for_selector("#looking", state="hidden")


def test_pages_in_chinese(room: BrowserClass, open_page: OpenPage) -> None:
    student = at_seat(room, open_page(locale="zh-CN"), "wang")
    assert student.get_attribute("html", "lang") == "zh-CN"
    assert "举手" in student.inner_text("#hand")
    student.click("#exercises [data-slug=zombie]")
    student.wait_for_function("() => document.querySelector('#statement').innerText.includes('僵尸')")
    student.click("#tabs .new")  # the first may be an English page's
    typed(student, "lab | head -1; echo done$((1))", "done1")
    assert "座位" in screen(student)
    student.once("dialog", lambda dialog: dialog.accept())
    student.click("#tabs .shut >> nth=1")
    board = room.open(open_page(locale="zh-CN"), "*")
    board.wait_for_selector("#class tbody tr")
    english = [word for word in board.inner_text("body").split() if word.isascii() and word.isalpha() and len(word) > 2]
    assert set(english) <= {"forklab", "zhang", "wang", "Sohn"}, english


def test_a_raised_hand_is_on_the_board_and_is_taken_down(room: BrowserClass, open_page: OpenPage) -> None:
    student = at_seat(room, open_page(), "wang")
    board = room.open(open_page(), "*")
    student.once("dialog", lambda dialog: dialog.accept("<img src=x onerror=alert(1)>为什么"))
    student.click("#hand")
    board.wait_for_selector("#class tbody tr.raised")
    assert "<img src=x onerror=alert(1)>为什么" in board.inner_text("#class tr.raised .hand")
    assert board.locator("img").count() == 0
    board.click("#class tr.raised .hand button")
    board.wait_for_selector("#class tbody tr.raised", state="detached")
    student.wait_for_selector("#hand[aria-pressed=false]")


def test_hostile_names_and_titles_are_text(room: BrowserClass, open_page: OpenPage) -> None:
    student = at_seat(room, open_page(), "li")
    board = room.open(open_page(), "*")
    assert "<b>Li</b> & Sohn" in student.inner_text("header")
    board.wait_for_selector("#class tbody tr")
    assert "<b>Li</b> & Sohn" in board.inner_text("#class")
    title = "<img src=x onerror=alert(1)>"
    typed(student, f"bash -c 'exec -a \"{title}\" sleep 555' & echo on$((1))", "on1")
    eventually(
        lambda: any(title in each["command"] for each in room.get("/api/seat", "li").json()["processes"]["processes"])
    )
    student.wait_for_timeout(500)
    assert student.locator("img").count() == board.locator("img").count() == 0
    typed(student, "kill %1; printf '\\e]0;<b>x</b>\\a\\e]52;c;eA==\\a'; echo off$((1))", "off1")


def test_the_board_tells_how_far_each_is(room: BrowserClass, open_page: OpenPage) -> None:
    board = room.open(open_page(), "*")
    student = at_seat(room, open_page(), "zhang")
    untold = "while [ $? = 2 ]; do lab check zombie; done"  # the machine was too busy
    typed(student, f"clear; lab start zombie; lab check zombie; {untold}; echo checked$((1))", "checked1")
    board.wait_for_selector("#class td.cell.at")
    student.wait_for_selector("#verdict .false")
    student.wait_for_selector("#exercises [data-slug=zombie][data-state=at]")
    board.click("text=who needs help first")
    assert board.locator("#class tbody tr").first.inner_text().startswith("zhang")
    board.check("#big")
    board.wait_for_timeout(500)
    shown = board.inner_text("#class tbody")
    assert not any(name in shown for name in ("zhang", "张三", "Sohn", "wang"))
    board.click("#class tbody button >> nth=0")
    board.wait_for_selector("#seat .processes svg, #seat .processes canvas", state="attached")
    assert "Big screen" in board.inner_text("#seat .looking")
    assert board.locator("#seat .xterm-screen").count() == 0
    board.click("#seat .close")
    found = json.loads(room.get("/api/class", "*").body)
    cell = next(row for row in found["seats"] if row["seat"] == "zhang")["cells"]["zombie"]
    assert (cell["state"], cell["proved"]) == ("at", None)
    assert cell["checks"] >= 1
    assert cell["mistake"]


def test_a_check_that_could_not_be_told_is_no_failure(room: BrowserClass, open_page: OpenPage) -> None:
    student = at_seat(room, open_page(), "wang")
    cause = {"rationale": "too busy", "help": "check again"}
    told = {"event": "check", "slug": "zombie", "results": [{"name": "life", "passed": None, "cause": cause}]}
    say(room, "wang", json.dumps(told | {"passed": None}))
    student.wait_for_selector("#verdict h3 >> text=– zombie")
    marked = "() => getComputedStyle(document.querySelector('#verdict li'), '::before').content"
    assert student.evaluate(marked) == '"–"'

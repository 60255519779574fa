// The student's page: exercises, terminals, the own processes, the last verdict, a raised hand.

import { draw } from "/static/trace/timeline.js";
import { Processes, ask, listen, make, page, sayStatus, texts } from "/static/page.js";
import { TerminalView } from "/static/terminal.js";

const MOST_TERMINALS = 8;
const MARKS = { true: "✓", false: "✗" }; // as lab check has them; none: it could not be told
const find = (selector) => document.querySelector(selector);
const views = new Map(); // a terminal's name -> its tab and its view
let current = "";
let hand = null;
let shownAt = 0; // when the check was made whose verdict is shown
let chosen = ""; // the exercise whose statement is asked for, or shown

function select(name) {
  current = name;
  sessionStorage.setItem("terminal", name);
  for (const [other, { tab, box, view }] of views) {
    tab.setAttribute("aria-selected", other === name);
    box.hidden = other !== name;
    if (other === name) {
      view.adapt();
      view.terminal.focus();
      showLooking(views.get(name));
    }
  }
}

function openTerminal(name, isChosen = true) {
  const box = make("div", { className: "screen" });
  const tab = make("button", { type: "button", role: "tab", textContent: `${name}`, onclick: () => select(name) });
  const shut = make("button", { type: "button", className: "shut", textContent: "×", title: texts.close_terminal,
    onclick: (event) => { event.stopPropagation(); closeTerminal(name); } });
  find("#tabs").insertBefore(make("span", {}, tab, shut), find("#tabs .new"));
  find("#screens").append(box);
  const entry = { name, tab, box, looking: 0, typing: false };
  entry.view = new TerminalView(box, { terminal: name }, texts, { tell: (what) => hear(entry, what) });
  views.set(name, entry);
  if (isChosen) select(name);
  else box.hidden = true;
}

function closeTerminal(name) {
  const { tab, view } = views.get(name);
  if (!view.isOver && !window.confirm(texts.really_close)) return;
  view.end();
  tab.parentElement.remove();
  views.delete(name);
  sayStatus("", `terminal ${name}`);
  const next = [...views.keys()].at(-1);
  if (next) select(next);
  else openTerminal("1");
}

function nextName() {
  for (let number = 1; number <= MOST_TERMINALS; number += 1) if (!views.has(`${number}`)) return `${number}`;
  return "";
}

function hear(entry, what) {
  if ("connected" in what) sayStatus(what.connected ? "" : texts.connecting, `terminal ${entry.name}`);
  if ("looking" in what) {
    Object.assign(entry, what);
    if (views.get(current) === entry) showLooking(entry);
  }
}

function showLooking({ looking, typing, view }) {
  const bar = find("#looking");
  bar.hidden = !looking;
  bar.replaceChildren(`👁 ${texts.looking} ${typing ? texts.allowed : ""} `, make("button", { type: "button",
    textContent: typing ? texts.disallow : texts.allow, onclick: () => view.allow(!typing) }));
}

function showProgress({ cells, hand: raised }) {
  for (const button of document.querySelectorAll("#exercises button")) {
    const cell = cells[button.dataset.slug];
    button.firstChild.textContent = { passed: "✓", at: "…" }[cell.state] ?? "·";
    button.dataset.state = cell.state;
  }
  hand = raised;
  find("#hand span").textContent = hand ? texts.hand_down : texts.hand;
  find("#hand").setAttribute("aria-pressed", hand !== null);
}

async function raise() {
  const text = hand ? "" : window.prompt(texts.hand_text);
  if (text === null) return;
  await ask("/api/hand", { method: "POST", body: JSON.stringify({ up: !hand, text }) });
}

async function read(slug) {
  chosen = slug;
  const told = await ask(`/api/statement?slug=${slug}`);
  if (!told || chosen !== slug) return; // another was chosen meanwhile
  find("#statement").replaceChildren(make("pre", { textContent: told.text }));
  for (const button of document.querySelectorAll("#exercises button")) {
    button.setAttribute("aria-current", button.dataset.slug === slug);
  }
}

function showVerdict(verdict) {
  if (!verdict || verdict.at <= shownAt) return; // told again to a page that has connected again
  shownAt = verdict.at;
  const lines = (verdict.results ?? []).filter((result) => result?.cause !== undefined).map((result) => make("li", { className: `${result.passed}` },
    result.description ?? result.name, ...(result.cause?.rationale ? [make("p", { textContent: result.cause.rationale }),
      make("p", { className: "help", textContent: result.cause.help ?? "" })] : [])));
  const heading = make("h3", { textContent: `${MARKS[verdict.passed] ?? "–"} ${verdict.slug} ` },
    make("time", { textContent: new Date(verdict.at * 1000).toLocaleTimeString() }));
  const told = lines.length ? make("ul", {}, ...lines) : make("p", { textContent: verdict.text ?? "" });
  const drawing = make("div", { className: "seen" });
  find("#verdict").replaceChildren(heading, told, drawing);
  try {
    if (verdict.trace) draw(drawing, verdict.trace, { texts: texts.trace });
  } catch { // what a seat says of itself need be no trace
    drawing.remove();
  }
}

async function begin() {
  const seat = await ask("/api/seat");
  if (!seat) return;
  find("#tabs").append(make("button", { type: "button", className: "new", textContent: "+", title: texts.new_terminal,
    onclick: () => nextName() && openTerminal(nextName()) }));
  const last = sessionStorage.getItem("terminal"); // the tab that was in use, before the page was loaded again
  for (const name of seat.terminals.length ? seat.terminals : ["1"]) openTerminal(name);
  if (views.has(last)) select(last);
  const processes = new Processes(find("#processes"));
  listen("/api/seat/events", { processes: (frame) => processes.take(frame), progress: showProgress, verdict: showVerdict,
    terminals: (names) => names.filter((name) => !views.has(name)).forEach((name) => openTerminal(name, false)) }); // from another window
  const begun = Object.entries(seat.cells).filter(([, cell]) => cell.state === "at").sort(([, a], [, b]) => b.begun - a.begun);
  await read(begun[0]?.[0] ?? page.exercises.find(({ slug }) => seat.cells[slug].state !== "passed")?.slug ?? page.exercises[0].slug);
}

find("#hand").addEventListener("click", raise);
find("#exercises").addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button) read(button.dataset.slug);
  views.get(current)?.view.terminal.focus();
});
window.forklab = { terminal: () => views.get(current)?.view.terminal }; // for whoever wants to look from the console
begin();

// The board: a row a seat, a column an exercise; who needs help; a seat's processes and terminal at a click.

import { Processes, ask, filled, listen, make, page, sayStatus, texts } from "/static/page.js";
import { TerminalView } from "/static/terminal.js";

const LIMIT = 128; // processes and threads of a seat
const SQUARES = 36; // the newest processes of a seat; of more, only how many
const IDLE = 120; // seconds without anything, after which it is said
const find = (selector) => document.querySelector(selector);
let board = null; // the class, as the server tells it
let frames = {}; // by seat: the processes
let opened = null; // the seat that is looked at

const now = () => Date.now() / 1000 + (board?.ahead ?? 0);
const minutes = (since) => Math.max(0, Math.round((now() - since) / 60));

function cell(slug, told) {
  const proved = told.proved === null ? "" : told.proved ? "proved" : "disproved";
  const kind = told.state === "passed" ? (proved || "claimed") : told.proved ? "proved" : told.state;
  const box = make("td", { className: `cell ${kind}`, title: title(slug, kind, told) });
  if (kind === "at") box.append(make("b", { textContent: told.checks }), make("small", { textContent: `${minutes(told.begun)}′` }),
    make("span", { className: "key", textContent: told.mistake }));
  else box.textContent = { proved: "✔", claimed: "✓", disproved: "✗" }[kind] ?? "·";
  return box;
}

function title(slug, kind, { checks, begun, text }) {
  const state = { at: `${filled(texts.checks, checks)}, ${filled(texts.since, minutes(begun))}`, proved: texts.proved,
    claimed: texts.claimed, disproved: texts.disproved }[kind] ?? texts.not_begun;
  return `${slug}: ${state}${text ? `\n${text}` : ""}`;
}

function squares(seat) {
  const box = make("td", { className: "squares" });
  const running = frames[seat]?.processes ?? [];
  for (const { state, command, pid } of running.slice(-SQUARES)) {
    box.append(make("i", { className: `state-${state}`, title: `${pid} ${state} ${command}` }));
  }
  if (running.length > SQUARES) box.append(make("small", { textContent: `+${running.length - SQUARES}` }));
  return box;
}

function troubles(row) {
  const found = [];
  const running = frames[row.seat]?.processes;
  const tasks = (running ?? []).reduce((sum, { threads }) => sum + (threads ?? 1), 0);
  if (board.live && !running?.length) found.push(texts.down);
  if (tasks >= LIMIT - 1) found.push(texts.FULL);
  if (row.late) found.push(texts.late);
  return found;
}

function need(row) { // who needs help first: a hand, then trouble, then whoever is longest at one thing
  const at = Object.values(row.cells).filter(({ state }) => state === "at");
  const worst = Math.max(0, ...at.map(({ checks, begun }) => checks * 2 + minutes(begun)));
  return (row.hand ? 1e6 + minutes(row.hand.since) : 0) + (troubles(row).length ? 1e5 : 0) + worst;
}

function inOrder(rows) {
  return find("[name=order]:checked").value === "need" ? [...rows].sort((a, b) => need(b) - need(a)) : rows;
}

function rowOf(row) {
  const isBig = find("#big").checked;
  const number = board.seats.indexOf(row) + 1;
  const name = make("th", { scope: "row" }, make("button", { type: "button", title: isBig ? "" : row.name, onclick: () => look(row.seat) },
    make("b", { textContent: isBig ? number : row.seat }), " ", isBig ? "" : row.name));
  const hand = make("td", { className: "hand" });
  if (row.hand) hand.append(make("span", { textContent: `✋ ${minutes(row.hand.since)}′`, title: isBig ? "" : row.hand.text }),
    make("button", { type: "button", textContent: "✓", title: texts.take_down, onclick: () => takeDown(row.seat) }),
    make("small", { textContent: isBig ? "" : row.hand.text }));
  const idle = row.active && now() - row.active > IDLE ? `${minutes(row.active)}′` : "";
  return make("tr", { className: row.hand ? "raised" : "" }, name, hand, make("td", { className: "trouble", textContent: troubles(row).join(" ") }),
    make("td", { textContent: idle }), make("td", { textContent: row.hints || "" }), squares(row.seat),
    ...board.exercises.map((slug) => cell(slug, row.cells[slug])));
}

function foot() {
  const line = (name, value, inside = () => []) => make("tr", {}, make("th", { textContent: name }), make("td", { colSpan: 5 }),
    ...board.exercises.map((slug) => make("td", value(board.foot[slug]), ...inside(board.foot[slug]))));
  return [
    line(texts.passed, ({ passed }) => ({ textContent: passed || "" })),
    line(texts.at_it, ({ at }) => ({ textContent: at || "" })),
    line(texts.median, ({ minutes: median }) => ({ textContent: median === null ? "" : `${median}′` })),
    line(texts.mistake, ({ mistake }) => mistake ? { className: "mistake", title: `${mistake.key}: ${mistake.text}` } : {},
      ({ mistake }) => mistake ? [make("span", { textContent: `${mistake.count}× ${mistake.text || mistake.key}` })] : []),
  ];
}

const rows = new Map(); // by seat: what is shown; a row stays the same element, so that it can be clicked, and keeps the focus

function replaceCells(shown, fresh) {
  shown.className = fresh.className;
  [...fresh.cells].forEach((cell, index) => {
    const old = shown.cells[index];
    if (!old) shown.append(cell);
    else if (old.outerHTML !== cell.outerHTML) old.replaceWith(cell);
  });
}

function showRow(row) {
  const fresh = rowOf(row);
  if (rows.has(row.seat)) replaceCells(rows.get(row.seat), fresh);
  else rows.set(row.seat, fresh);
  return rows.get(row.seat);
}

function showPart(part, fresh) { // a head or a foot, unless it is as it was
  const box = make(part.localName, {}, ...fresh);
  if (part.innerHTML !== box.innerHTML) part.replaceChildren(...box.childNodes);
}

function show() {
  if (!board) return;
  document.body.classList.toggle("big", find("#big").checked);
  const heads = [texts.seat, texts.hand, "", texts.idle, texts.hints, texts.processes].map((textContent) => make("th", { textContent }));
  const numbers = page.exercises.map(({ number, slug, title: name }) => make("th", { title: `${slug}: ${name}`, textContent: number }));
  showPart(find("#class thead"), [make("tr", {}, ...heads, ...numbers)]);
  showPart(find("#class tfoot"), foot());
  const shown = inOrder(board.seats).map(showRow), body = find("#class tbody");
  if (shown.length !== body.children.length || shown.some((row, index) => body.children[index] !== row)) body.replaceChildren(...shown);
}

async function takeDown(seat) {
  await ask("/api/hand", { method: "POST", body: JSON.stringify({ seat, up: false }) });
}

function look(seat) {
  shut();
  const dialog = find("#seat");
  const processes = new Processes(dialog.querySelector(".processes"));
  const source = listen(`/api/seat/events?${new URLSearchParams({ seat })}`, { processes: (frame) => processes.take(frame) });
  opened = { seat, processes, source, view: null, names: null };
  dialog.showModal();
  showOpened();
}

function showOpened() { // what the class's news change in the dialog
  const dialog = find("#seat"), row = board.seats.find((each) => each.seat === opened.seat);
  if (!row) return dialog.close();
  const isBig = find("#big").checked;
  dialog.querySelector("h2").textContent = isBig ? "" : `${row.seat} ${row.name}`;
  dialog.querySelector(".words").textContent = isBig ? "" : row.hand?.text ?? "";
  const shown = isBig ? [] : row.terminals; // a prompt has the seat's name
  if (opened.names === shown.join()) return;
  opened.names = shown.join();
  const tabs = shown.map((name) => make("button", { type: "button", role: "tab", textContent: name, onclick: () => lookAt(name) }));
  dialog.querySelector(".tabs").replaceChildren(...tabs);
  for (const tab of tabs) tab.setAttribute("aria-selected", tab.textContent === opened.name);
  if (!tabs.length) say(isBig ? texts.no_names : texts.no_terminal);
  else if (!shown.includes(opened.name) || opened.isOver) lookAt(shown[0]);
}

function lookAt(name) {
  opened.view?.close();
  Object.assign(opened, { name, isOver: false });
  for (const tab of find("#seat .tabs").children) tab.setAttribute("aria-selected", tab.textContent === name);
  const box = make("div");
  find("#seat .screen").replaceChildren(box);
  opened.view = new TerminalView(box, { seat: opened.seat, terminal: name }, texts, { looksOn: true, tell: ({ looking, typing, over }) => {
    if (looking) say(typing ? texts.may_type : texts.looks_on);
    if (over) {
      opened.isOver = true;
      opened.names = null; // a new one of this name is looked at when it is there
      say(texts.over);
    }
  } });
}

function say(sentence) {
  find("#seat .looking").textContent = sentence;
}

function shut() {
  opened?.source.close();
  opened?.view?.close();
  opened = null;
  for (const part of ["processes", "tabs", "screen"]) find(`#seat .${part}`).replaceChildren();
}

window.forklab = { opened: () => opened }; // for whoever wants to look from the console

let isDue = false;
function soon() { // at most four times a second
  if (isDue) return;
  isDue = true;
  setTimeout(() => { isDue = false; show(); }, 250);
}

find("#seat .close").addEventListener("click", () => find("#seat").close());
find("#seat").addEventListener("close", shut);
for (const input of document.querySelectorAll("header input")) input.addEventListener("change", () => {
  location.hash = find("#big").checked ? "big" : "";
  show();
});
find("#big").checked = location.hash === "#big";
setInterval(soon, 10000);
listen("/api/class/events", {
  class: (told) => { board = { ...told, ahead: told.now - Date.now() / 1000 }; sayStatus(told.live ? "" : texts.no_watch, "watch"); soon(); if (opened) showOpened(); },
  processes: ({ seats }) => { frames = { ...frames, ...seats }; soon(); },
});

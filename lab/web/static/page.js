// What both pages need: their data, the server's events, and the live drawing of a seat's processes.

import { Live, follow } from "/static/trace/live.js";

export const page = JSON.parse(document.body.dataset.page);
export const texts = page.texts;

export function make(name, properties = {}, ...children) { // an element; its text is never HTML
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

export function filled(text, n) {
  return text.replace("{n}", n);
}

const PATIENCE = 10000; // milliseconds for an answer: one that comes later is asked for again
const PAUSE = 1000; // milliseconds until the next try

// Returns what an address answers, asked until it does, as a server that begins anew may not at once; null for a refusal.
export async function ask(address, options = {}) {
  for (;;) {
    const { status, told } = await answerOf(address, options);
    const isRefused = status >= 400 && status < 500;
    sayStatus(status === 403 ? texts.gone : status === 200 || isRefused ? "" : texts.connecting, address);
    if (status === 200 || isRefused) return told;
    await new Promise((go) => setTimeout(go, PAUSE));
  }
}

async function answerOf(address, options) {
  try {
    const answer = await fetch(address, { ...options, signal: AbortSignal.timeout(PATIENCE) });
    return { status: answer.status, told: answer.ok ? await answer.json() : null };
  } catch { // nobody is there, or no longer, or not in time
    return { status: 0, told: null };
  }
}

const SILENT = 7000; // milliseconds: the server says something every 2 s, so the network is gone, however open it looks
const GRACE = 8000; // milliseconds more for the answer of a seat that is busy

export class Pulse { // calls lost() when nothing was heard for too long, also after the computer has slept
  constructor(lost) {
    this.heard();
    this.timer = setInterval(() => { if (Date.now() - this.last > SILENT) { this.heard(); lost(); } }, 1000);
  }

  heard() {
    this.last = Date.now();
  }

  begin() {
    this.last = Date.now() + GRACE;
  }

  stop() {
    clearInterval(this.timer);
  }
}

export function listen(address, events) { // the browser connects again by itself, unless it is refused
  let source, timer;
  const status = (sentence) => sayStatus(sentence, address);
  const open = () => {
    source = new EventSource(address);
    pulse.heard();
    for (const [kind, take] of Object.entries({ ...events, beat: () => {} })) {
      source.addEventListener(kind, ({ data }) => { pulse.heard(); take(JSON.parse(data)); });
    }
    source.onopen = () => status("");
    source.onerror = () => {
      status(texts.connecting);
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(again, 1000);
    };
  };
  const again = async () => {
    const answer = await answerOf("/api/statement?slug=zombie");
    if (answer.status === 403) status(texts.gone);
    else open();
  };
  const pulse = new Pulse(() => { clearTimeout(timer); source.close(); status(texts.connecting); open(); });
  open();
  return { close: () => { pulse.stop(); clearTimeout(timer); source.close(); status(""); } };
}

const said = new Map(); // by who has said it: what one says does not unsay another's

export function sayStatus(sentence, by) {
  said.set(by, sentence);
  document.querySelector("#status").textContent = [...said.values()].find(Boolean) ?? "";
}

export class Processes { // a seat's processes, drawn as they live
  constructor(element) {
    this.live = new Live();
    follow(element, this.live, { texts: texts.trace });
  }

  take(frame) {
    this.live.take(frame);
  }
}

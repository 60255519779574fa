// What goes on, as a document that grows: samples of a seat's processes become the histories that `draw` (timeline.js) shows.
//
//   const live = new Live(), view = follow(element, live, {texts: {…}});
//   events.addEventListener("processes", (event) => live.take(JSON.parse(event.data)));

import { draw } from "./timeline.js";

const TICKS = 100; // of `start` in a document, a second
const DELAY = 0.1; // seconds that the drawing is behind: the sample of its right edge has come by then
const SILENCE = 2.5; // seconds without a sample, of which there is one a second at least
const FRAMES = 50; // milliseconds between two looks at it

export class Live {
  // `keep` is how many seconds are remembered, `most` how many processes.
  constructor({ keep = 300, most = 3000 } = {}) {
    Object.assign(this, { keep, most, zero: null, last: null, offset: -Infinity, gap: 0, samples: 0, born: 0 });
    this.there = new Map();
    this.told = new WeakMap(); // the command as it was told last
    this.all = [];
    this.missed = [];
  }

  // Takes a sample: {time, processes, missed} as `watch` has them; without `processes` nothing but the time is new.
  take({ time, processes, missed }) {
    this.clock(time);
    if (processes) {
      const seen = new Set();
      for (const process of processes) seen.add(this.note(process));
      for (const [key, history] of this.there) if (!seen.has(key)) this.end(key, history);
    }
    if (missed > this.born && this.samples) this.missed.push([this.before, this.last, missed - this.born]);
    this.born = missed ?? this.born;
    this.samples++;
    this.forget();
  }

  clock(time) {
    if (this.zero === null || time < this.zero + this.last) this.begin(time); // another machine's clock, or a reboot
    this.before = this.last ?? 0;
    this.last = time - this.zero;
    this.gap = Math.max(this.gap, this.last - this.before);
    const offset = this.last - performance.now() / 1000;
    this.offset = Math.max(offset, this.offset - 0.01); // the sample that was least on its way tells the time
    this.heard = performance.now();
  }

  begin(time) {
    Object.assign(this, { zero: time, last: null, offset: -Infinity, gap: 0, samples: 0 });
    this.began = Date.now() / 1000;
    this.there.clear();
    this.all.length = this.missed.length = 0;
  }

  note(process) {
    const key = `${process.pid}.${process.start}`;
    if (!this.there.has(key)) this.birth(key, process);
    const history = this.there.get(key), isDead = process.state === "Z" || process.state === "X";
    for (const [kind, value] of [
      ["states", process.state], ["parents", process.ppid], ["groups", process.pgid], ["sessions", process.sid],
      ["niceness", process.nice], ["threads", process.threads], ["reaped", process.reaps ?? 0],
    ]) this.add(history[kind], value);
    if (this.told.get(history) !== process.command) {
      this.told.set(history, process.command);
      this.add(history.commands, command(process.command, isDead), false);
    }
    history.last_seen = this.last;
    return key;
  }

  birth(key, { pid, start }) {
    const history = {
      pid, start: Math.round(start * TICKS), uid: null, first_seen: this.samples ? this.last : 0, last_seen: this.last, gone: null, exit: null,
      states: [], parents: [], groups: [], sessions: [], niceness: [], threads: [], foreground: [], commands: [], left_out: 0, cpu: 0,
      reaped: [], written: [], blocked: [], ignored: [], caught: [], pending: [], used: [],
    };
    this.there.set(key, history);
    this.all.push(history);
  }

  add(spans, value, isCompared = true) {
    const last = spans.at(-1);
    if (isCompared && last?.[2] === value) return;
    if (last) last[1] = this.last;
    spans.push([this.last, this.last, value]);
  }

  end(key, history) {
    history.gone = this.last;
    for (const spans of kinds(history)) spans.at(-1)[1] = this.last;
    this.there.delete(key);
  }

  // Lets go of what is older than `keep`, and of the oldest of more than `most`.
  forget() {
    const oldest = this.last - this.keep, excess = this.all.length - this.most;
    if (this.samples % 50 && excess < 100) return;
    let dropped = 0;
    this.all = this.all.filter(({ gone }) => gone === null || (gone >= oldest && dropped++ >= excess));
    for (const history of this.all) {
      for (const spans of kinds(history)) {
        const kept = spans.findIndex(([, to], index) => to >= oldest || index === spans.length - 1);
        if (kept > 0) spans.splice(0, kept);
      }
    }
    this.missed = this.missed.filter(([, to]) => to >= oldest);
  }

  // Returns the moment, in the document's seconds, that it is now.
  now() {
    if (this.last === null) return 0;
    return Math.max(Math.min(performance.now() / 1000 + this.offset - DELAY, this.last + SILENCE), 0);
  }

  // Returns all that is remembered, until a moment in the document's seconds, as `lab trace --json` has it; besides, `stalled` is
  // for how many seconds nothing has been heard, 0 if that is as it should be. It is the same object each time, with more in it.
  document(now = this.now()) {
    const silent = this.last === null ? 0 : (performance.now() - this.heard) / 1000;
    for (const history of this.there.values()) for (const spans of kinds(history)) spans.at(-1)[1] = Math.max(now, spans.at(-1)[0]);
    return Object.assign(this.written ??= empty(), {
      began: this.began ?? 0, seconds: now, longest_gap: this.gap, samples: this.samples, missed: this.missed, processes: this.all,
      stalled: silent > SILENCE ? silent : 0,
    });
  }
}

// Draws what `live` takes, for as long as the element is in the page and in sight; returns the view.
export function follow(element, live, options = {}) {
  const view = draw(element, live.document(), { live: true, ...options });
  let last = 0;
  const step = (time) => {
    if (!view.root.isConnected) return;
    if (time - last >= FRAMES) {
      last = time;
      view.update(live.document());
    }
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
  return view;
}

function kinds(history) {
  return Object.values(history).filter((value) => Array.isArray(value) && value.length);
}

// A command line in one string; a dead process has none, only a name.
function command(text, isDead) {
  const words = text.split(" "), name = words[0].slice(words[0].lastIndexOf("/") + 1);
  return isDead ? { comm: text.replace(/^\[(.*)\](?: <defunct>)?$/, "$1"), cmdline: [] } : { comm: name.slice(0, 15), cmdline: words };
}

function empty() {
  const written = {
    version: 1, command: [], began: 0, seconds: 0, interval: 0.02, longest_gap: 0, samples: 0, pid: 0, leader: 0, ended: null, exit: null,
    cut: null, left_running: [], unrecorded: 0, terminal: false, stdout: { text: "", left_out: 0 }, stderr: { text: "", left_out: 0 },
    outsiders: { 0: "" }, missed: [], processes: [],
  };
  return Object.defineProperty(written, "stalled", { value: 0, writable: true });
}

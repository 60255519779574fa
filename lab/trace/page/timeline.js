// A trace in a browser: `draw` puts the drawing of a document (`lab trace --json`) into an element, and keeps it up to date.
//
//   const view = draw(element, document, {texts: {…}});   a recording
//   view.update(document);                                another document, or more of the same
//
// Options: `texts` as in texts.js; `live` for a document that goes on, of which the last `window` seconds (60) are shown,
// and gone siblings share a row; `ps: false` for no rows of ps below, `note: false` for nothing on what the record lacks;
// `height`, the most pixels that the rows take.
// All text is set as text: nothing of a command line is ever markup.

import { Hands } from "./hands.js";
import { commandAt, commandLine, isThere, notableMoment, ps, rows, spanAt, valueAt } from "./model.js";
import { AXIS, FONT, Frame, Painter, lay, palette } from "./paint.js";
import { TEXTS, fill } from "./texts.js";

const LEAST_WINDOW = 0.005; // seconds: half a sample
const LABEL_SHARE = 0.38; // of the width, at most
const PS_SHOWN = 200, PS_PAUSE = 250; // rows, milliseconds between two of a live table
const DRAW_PAUSE = 50, DRAW_SHARE = 4; // milliseconds between two frames of what is live, and how often that is what one takes
const KEY = ["R", "S", "D", "T", "Z"];
const SIGNAL_GLYPH = ["●", "marksSignal"];
const GLYPHS = [["▸", "marks"], ["▴", "marksAdopted"], ["▪", "marksNice"], ["▾", "marksReap"]];

export function draw(element, document, options = {}) {
  return new View(element, document, options);
}

class View {
  constructor(element, document, options) {
    this.options = { window: 60, ps: true, note: true, live: false, ...options };
    this.texts = { ...TEXTS, ...options.texts };
    this.moment = null; // where the time cursor is; null: nowhere, or now
    this.hover = null; // the process below the pointer
    this.drawnAt = this.took = 0;
    this.rows = []; // as they were arranged for the last drawing
    this.following = this.options.live;
    this.lanes = this.options.live ? new WeakMap() : null;
    this.build(element);
    this.painter = new Painter(this.canvas);
    this.observe();
    this.update(document);
    if (!this.options.live) this.select(notableMoment(document));
  }

  // Shows a document; one that goes on may be the same object, with more in it.
  update(document) {
    const isFirst = !this.document;
    this.document = document;
    if (isFirst) this.fit();
    if (this.following) this.toNow();
    this.isStale = true;
    this.request(this.options.live);
  }

  // Puts the time cursor to a moment; null takes it away, and what is live goes on.
  select(moment) {
    this.moment = moment === null ? null : Math.min(Math.max(moment, 0), this.document.seconds);
    this.following = this.options.live && moment === null;
    if (this.following) this.toNow();
    else if (moment !== null) this.bringIntoSight();
    this.psAt = 0;
    this.request();
  }

  // Makes the time in sight shorter (factor above 1) or longer, around a moment.
  zoom(factor, around = this.moment ?? (this.from + this.to) / 2) {
    const wide = this.to - this.from, longest = Math.max(this.options.live ? this.span() : this.document.seconds, LEAST_WINDOW);
    const now = Math.min(Math.max(wide / factor, LEAST_WINDOW), longest);
    const share = (around - this.from) / wide;
    this.options.window = now;
    this.show(this.following ? this.document.seconds - now : around - now * share, now);
  }

  // Moves the time in sight by seconds.
  pan(seconds) {
    if (this.following && seconds < 0) this.select(this.document.seconds);
    this.show(this.from + seconds, this.to - this.from);
  }

  fit() {
    if (this.options.live) this.show(this.document.seconds - this.options.window, this.options.window);
    else this.show(0, this.document.seconds);
  }

  close() {
    this.stop.abort();
    this.resized.disconnect();
    cancelAnimationFrame(this.frameAsked);
    clearTimeout(this.later);
    this.root.remove();
  }

  // How much there is to look back on.
  span() {
    const first = this.document.processes.reduce((least, process) => Math.min(least, process.states[0]?.[0] ?? least), this.document.seconds);
    return Math.max(this.document.seconds - first, 60);
  }

  show(from, wide) {
    const least = this.options.live ? this.document.seconds - Math.max(this.span(), wide) : 0;
    this.from = Math.max(Math.min(from, this.document.seconds - wide), least);
    this.to = this.from + Math.max(wide, LEAST_WINDOW);
    this.isStale = true;
    this.request();
  }

  toNow() {
    this.from = this.document.seconds - this.options.window;
    this.to = this.document.seconds;
  }

  bringIntoSight() {
    const wide = this.to - this.from;
    if (this.moment < this.from || this.moment > this.to) this.show(this.moment - wide / 2, wide);
  }

  // ---- drawing

  request(isLive = false) {
    if (this.frameAsked || !this.root.isConnected) return;
    const wait = isLive ? Math.max(DRAW_PAUSE, DRAW_SHARE * this.took) - (performance.now() - this.drawnAt) : 0;
    if (wait > 0) {
      this.later ??= setTimeout(() => { this.later = undefined; this.request(); }, wait);
      return;
    }
    this.frameAsked = requestAnimationFrame(() => { this.frameAsked = 0; this.render(); });
  }

  render() {
    this.drawnAt = performance.now();
    const width = this.plot.clientWidth;
    if (!width) return;
    if (this.isStale) this.arrange(width);
    this.frame = new Frame(width, this.left, this.from, this.to);
    this.size(width);
    const { document, rows, frame, hover, moment, texts, options: { live }, plot: { clientHeight: height, scrollTop: top } } = this;
    this.painter.paint({ document, rows, frame, hover, moment, texts, live, height, top }, this.colours);
    this.tell();
    this.showTip();
    this.showPs();
    this.took = performance.now() - this.drawnAt;
  }

  arrange(width) {
    this.isStale = false;
    const { live } = this.options;
    this.rows = rows(this.document, { lanes: this.lanes, from: live ? this.from : -Infinity });
    this.painter.context.font = FONT;
    const measure = (text) => this.painter.width(text);
    const longest = Math.max(...this.rows.map((row) => measure(row.branches) + measure(`${row.process.pid} ${row.name}`)), 60);
    const left = Math.min(longest + 22, Math.round(width * LABEL_SHARE));
    this.left = live ? Math.max(left, this.left ?? 0) : left; // it never jumps to and fro
    const whole = new Frame(width, this.left, live ? this.from : 0, live ? this.to : Math.max(this.document.seconds, LEAST_WINDOW));
    this.total = lay(this.rows, this.document, this.texts, { live, frame: whole, width: measure });
  }

  size(width) {
    const most = this.options.height ?? Math.max(window.innerHeight * 0.7, 160), height = Math.max(Math.min(this.total + 4, most), AXIS + 40);
    const ratio = devicePixelRatio, pixels = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== pixels[0] || this.canvas.height !== pixels[1]) {
      [this.canvas.width, this.canvas.height] = pixels;
      this.canvas.style.height = this.plot.style.height = `${height}px`;
    }
    this.spacer.style.height = `${Math.max(this.total + 4 - height, 0)}px`;
    this.painter.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  // ---- the elements

  build(element) {
    this.root = make("div", "trace");
    const bar = make("div", "trace-bar");
    bar.append(
      this.button("−", "zoomOut", () => this.zoom(1 / 2)), this.button("+", "zoomIn", () => this.zoom(2)),
      this.button("⤢", "fit", () => this.fitAll()),
    );
    if (this.options.live) bar.append(this.followButton = this.button("", "follow", () => this.select(this.following ? this.document.seconds : null)));
    bar.append(this.output = make("output"));
    this.stage = make("div", "trace-stage");
    this.plot = make("div", "trace-plot");
    this.canvas = make("canvas");
    this.spacer = make("div");
    this.tip = make("div", "trace-tip");
    this.tip.hidden = true;
    this.plot.append(this.canvas, this.spacer);
    this.stage.append(this.plot, this.tip);
    for (const [name, value] of [["role", "slider"], ["tabindex", "0"], ["aria-label", this.texts.cursor], ["aria-valuemin", "0"]]) {
      this.plot.setAttribute(name, value);
    }
    this.plot.setAttribute("aria-description", this.texts.help);
    this.output.title = this.texts.help;
    this.note = make("p", "trace-note");
    this.legend = make("ul", "trace-key");
    this.root.append(bar, this.stage, this.legend, this.note);
    if (this.options.ps) this.root.append(this.table());
    element.append(this.root);
    this.colours = palette(this.root);
  }

  button(text, name, act) {
    const button = make("button", "", text);
    button.type = "button";
    button.title = this.texts[name];
    button.setAttribute("aria-label", this.texts[name]);
    button.addEventListener("click", act);
    return button;
  }

  fitAll() {
    if (this.options.live) this.options.window = 60;
    this.fit();
  }

  // What the letters and the marks mean; of what only strace tells, where it did.
  explain(isTraced) {
    if (this.legend.childElementCount && this.isTraced === isTraced) return;
    this.isTraced = isTraced;
    this.legend.replaceChildren();
    const add = (sign, kind, text) => {
      const item = make("li");
      item.append(make("i", kind, sign), make("span", "", text));
      this.legend.append(item);
    };
    for (const state of isTraced ? [...KEY, "t"] : KEY) add(state, `trace-${state}`, this.texts[state]);
    for (const [glyph, name] of isTraced ? [...GLYPHS, SIGNAL_GLYPH] : GLYPHS) add(glyph, "", this.texts[name]);
  }

  table() {
    const holder = make("div", "trace-ps"), table = make("table"), head = make("thead"), row = make("tr");
    row.append(...["PID", "PPID", "STAT", "NI", "CMD"].map((name) => make("th", "", name)));
    head.append(row);
    this.body = make("tbody");
    this.rest = make("p", "trace-note");
    table.append(head, this.body);
    holder.append(table, this.rest);
    return holder;
  }

  observe() {
    this.stop = new AbortController();
    const on = (target, name, act, more) => target.addEventListener(name, act, { signal: this.stop.signal, ...more });
    this.resized = new ResizeObserver(() => { this.isStale = true; this.request(); });
    this.resized.observe(this.plot);
    on(matchMedia("(prefers-color-scheme: dark)"), "change", () => { this.colours = palette(this.root); this.request(); });
    on(this.plot, "scroll", () => this.request());
    new Hands(this, on);
  }

  // ---- words

  tell() {
    this.explain(Boolean(this.document.calls));
    const { texts, moment, document, options } = this, at = moment ?? document.seconds;
    const ago = Number((document.seconds - at).toFixed(1));
    const shown = options.live ? (moment === null ? texts.now : fill(texts.ago, { seconds: ago })) : fill(texts.at, { moment: at.toFixed(3) });
    set(this.output, document.stalled ? fill(texts.stalled, { seconds: Math.round(document.stalled) }) : shown);
    this.plot.setAttribute("aria-valuemax", document.seconds.toFixed(2));
    this.plot.setAttribute("aria-valuenow", at.toFixed(2));
    this.plot.setAttribute("aria-valuetext", shown);
    const missed = document.missed.reduce((sum, [, , count]) => sum + count, 0);
    set(this.note, [document.calls && texts.ptraced, missed && fill(texts.missed, { count: missed })].filter(Boolean).join(" "));
    this.note.hidden = !this.options.note || !this.note.textContent;
    if (!this.followButton) return;
    for (const name of ["aria-label", "title"]) this.followButton.setAttribute(name, this.following ? texts.pause : texts.follow);
    set(this.followButton, this.followButton.title);
  }

  showTip() {
    this.tip.hidden = !this.hover || !this.pointer;
    if (this.tip.hidden) return;
    set(this.tip, this.told(this.hover, this.frame.moment(Math.max(this.pointer.x, this.left))));
    const { offsetWidth: width, offsetHeight: height } = this.tip, box = this.plot;
    const x = Math.min(this.pointer.x + 14, box.clientWidth - width - 4), below = this.pointer.y + 18;
    this.tip.style.left = `${Math.max(x, 0)}px`;
    this.tip.style.top = `${below + height > box.clientHeight && this.pointer.y > height + 8 ? this.pointer.y - height - 8 : below}px`;
  }

  // Returns what there is to say of a process at a moment, and of the marks near it.
  told(process, moment) {
    const { texts, document } = this, at = isThere(process, moment) ? moment : process.last_seen;
    const [from, to, state] = process.states[Math.max(spanAt(process.states, at), 0)] ?? [0, 0, "?"];
    const row = this.rows.find((one) => one.processes.includes(process)), near = this.frame.perPixel * 8;
    const marks = (row?.marks(process) ?? []).filter((mark) => Math.abs(mark.moment - moment) <= near).map((mark) => mark.text);
    const times = { moment: from.toFixed(2), seconds: (to - from).toFixed(3) };
    return [
      `${process.pid} ${commandLine(commandAt(process, at))}`,
      fill(texts.state, { state: `${state} ${texts[state] ?? texts.other}`, ...times }),
      `${fill(texts.parent, { ppid: valueAt(process.parents, at) })}, ${fill(texts.niceness, { nice: valueAt(process.niceness, at) ?? 0 })}`,
      ...new Set(marks),
      ...(process.gone !== null && moment >= process.gone && document ? [texts.gone] : []),
    ].join("\n");
  }

  showPs() {
    if (!this.body || (this.following && performance.now() - this.psAt < PS_PAUSE)) return;
    this.psAt = performance.now();
    const all = ps(this.rows, this.moment ?? this.document.seconds), shown = all.slice(0, PS_SHOWN);
    while (this.body.rows.length > shown.length) this.body.lastChild.remove();
    shown.forEach((one, index) => this.psRow(index, one));
    const rest = all.length - shown.length;
    set(this.rest, rest ? fill(this.texts.more, { count: rest }) : all.length ? "" : this.texts.nobody);
  }

  psRow(index, { pid, ppid, stat, nice, cmd, process }) {
    let row = this.body.rows[index];
    if (!row) {
      row = this.body.insertRow();
      for (let cell = 0; cell < 5; cell++) row.insertCell();
    }
    [pid, ppid, stat, nice, cmd].forEach((value, cell) => set(row.cells[cell], String(value)));
    row.dataset.state = stat[0];
    row.classList.toggle("hovered", process === this.hover);
  }
}

function make(name, kind = "", text = "") {
  const element = document.createElement(name);
  if (kind) element.className = kind;
  element.textContent = text;
  return element;
}

// Sets an element's text, if it is another: what is read out or selected stays as it is.
function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// How the rows of a trace look on a canvas: bars and letters for states, lines for births and adoptions, marks, notes, the axis.

import { NOTABLE, death, ended, isThere, marks, spanAt, ticks } from "./model.js";
import { fill } from "./texts.js";

export const AXIS = 24, MISSED = 12, ROW = 20, BAR = 14, NOTE = 14; // heights
const EDGE = 10, LEAST = 3, LETTER_ROOM = 13, NOTE_LANES = 3, MARK_APART = 7; // widths, and how many lines of notes a row has
export const FONT = '12px ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", "Noto Sans CJK SC", "PingFang SC", monospace';
const NAMES = ["page", "text", "faint", "line", "soft", "born", "accent", "on", "R", "S", "D", "T", "Z", "other", "on-R", "on-S", "on-T", "on-Z"];
const UNKNOWN = 1; // the code of a state that has no colour; the others' are higher, the highest the most notable

// Returns the colours that timeline.css gives an element, for a light or a dark page.
export function palette(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--trace-${name}`).trim()]));
}

// Where things lie: the labels' width, and the time from the left edge of the plot to its right one.
export class Frame {
  constructor(width, left, from, to) {
    Object.assign(this, { width, left, from, to, right: width - EDGE });
  }

  x(moment) {
    return this.left + ((moment - this.from) / (this.to - this.from)) * (this.right - this.left);
  }

  moment(x) {
    return this.from + ((x - this.left) / (this.right - this.left)) * (this.to - this.from);
  }

  get perPixel() {
    return (this.to - this.from) / (this.right - this.left);
  }
}

// Draws on one canvas. `scene` is {document, rows, frame, height, top, hover, moment, live, texts}: `top` is how far it is scrolled,
// each row has its `y` and its `notes`.
export class Painter {
  constructor(canvas) {
    this.context = canvas.getContext("2d");
    this.widths = new Map();
  }

  paint(scene, colours) {
    const { context: c } = this;
    Object.assign(this, { ...scene, colours });
    this.rowOf = new Map(scene.rows.flatMap((row) => row.processes.map((process) => [process, row])));
    c.font = FONT;
    c.textBaseline = "middle";
    c.fillStyle = colours.page;
    c.fillRect(0, 0, scene.frame.width, scene.height);
    const visible = scene.rows.filter((row) => row.y + row.height > scene.top && row.y < scene.top + scene.height);
    c.save();
    c.translate(0, -scene.top);
    this.grid();
    this.highlight();
    this.births(scene.rows);
    visible.forEach((row) => this.bars(row));
    visible.forEach((row) => this.happenings(row));
    this.labels(visible);
    c.restore();
    this.axis();
    this.cursor();
  }

  grid() {
    for (const moment of this.ticks()) this.line(this.frame.x(moment), this.top, this.top + this.height, this.colours.line);
  }

  ticks() {
    const { from, to, perPixel } = this.frame;
    if (!this.live) return ticks(Math.max(from, 0), to, perPixel * 75);
    const now = this.now(); // a live axis counts back from now
    return ticks(Math.max(now - to, 0), now - from, perPixel * 75).map((ago) => now - ago);
  }

  now() {
    return this.document.seconds;
  }

  highlight() {
    const row = this.hover && this.rowOf.get(this.hover);
    if (!row) return;
    this.context.fillStyle = this.colours.soft;
    this.context.fillRect(0, row.y - (ROW - BAR) / 2, this.frame.width, ROW);
  }

  // A line from each parent's bar to the beginning of its child's.
  births(rows) {
    for (const row of rows) {
      const parent = row.parent && this.rowOf.get(row.parent);
      if (!parent) continue;
      let taken = -Infinity;
      for (const { first_seen: moment } of row.processes) {
        const x = this.frame.x(moment);
        if (moment <= 0 || !this.isInSight(moment) || x - taken < MARK_APART) continue;
        this.line(x, parent.y + BAR, row.y + BAR, this.colours.born);
        taken = x;
      }
    }
  }

  isInSight(moment) {
    return moment >= this.frame.from && moment <= this.frame.to;
  }

  // States, a pixel's column at a time: what would be narrower than LEAST is not, and covers whatever is less notable.
  bars(row) {
    const { frame, context: c } = this, columns = Math.ceil(frame.right - frame.left) + LEAST;
    const codes = new Uint8Array(columns);
    for (const { states } of row.processes) {
      for (let index = Math.max(spanAt(states, frame.from), 0); index < states.length && states[index][0] < frame.to; index++) {
        const [from, to, state] = states[index], first = Math.round(frame.x(from) - frame.left);
        if (to < frame.from) continue;
        const last = Math.min(Math.max(Math.round(frame.x(to) - frame.left), first + LEAST), columns), code = codeOf(state);
        for (let column = Math.max(first, 0); column < last; column++) if (codes[column] < code) codes[column] = code;
      }
    }
    const end = columns - LEAST;
    for (let from = 0, to; from < end; from = to) {
      for (to = from + 1; to < end && codes[to] === codes[from];) to++;
      if (codes[from]) this.bar(c, stateOf(codes[from]), frame.left + from, row.y, to - from);
    }
  }

  bar(c, state, x, y, width) {
    const colour = this.colours[state] ? state : "other";
    c.fillStyle = this.colours[colour];
    c.fillRect(x, y, width, BAR);
    if (width < LETTER_ROOM || state === "?") return;
    c.fillStyle = this.colours[`on-${colour}`] || this.colours.on;
    c.textAlign = "center";
    c.fillText(state, x + width / 2, y + BAR / 2 + 1);
  }

  // What happened besides: a mark each on the bar, and, where a row has lines for them, words below it.
  happenings(row) {
    const taken = {}, lanes = Array(row.lanes).fill(-Infinity);
    for (const process of row.processes) {
      for (const mark of row.marks(process)) {
        const x = this.frame.x(mark.moment);
        if (!this.isInSight(mark.moment)) continue;
        if (mark.kind === "adopted") this.adoption(row, mark, x);
        if (mark.kind !== "ended" && !(x - taken[mark.kind] < MARK_APART)) this.mark(mark.kind, x, row.y);
        taken[mark.kind] = x;
        if (row.lanes && isWorthWords(mark, this.document)) this.note(mark, x, row, lanes);
      }
    }
  }

  adoption(row, { moment, to }, x) {
    const adopter = this.rows.find((one) => one.processes.some((process) => process.pid === to && process.first_seen <= moment));
    if (!adopter || adopter === row) return;
    const c = this.context, isAbove = adopter.y < row.y, end = isAbove ? adopter.y + BAR : adopter.y;
    c.save();
    c.setLineDash([3, 3]);
    this.line(x, isAbove ? row.y : row.y + BAR, end, this.colours.accent, 1.5);
    c.restore();
    this.triangle(x, end + (isAbove ? 4 : -4), isAbove ? 0 : Math.PI, this.colours.accent);
  }

  mark(kind, x, y) {
    const { context: c, colours } = this;
    if (kind === "adopted") return this.triangle(x, y, 0, colours.accent);
    if (kind === "exec") return this.triangle(x, y, Math.PI / 2, colours.text);
    if (kind === "reap") return this.triangle(x, y + BAR, Math.PI, colours.text);
    c.beginPath();
    if (kind === "nice") c.rect(x - 3, y - 3, 6, 6); else c.arc(x, y, 3.5, 0, 2 * Math.PI);
    return this.outlined(kind === "nice" ? colours.text : colours.accent);
  }

  triangle(x, y, angle, colour) {
    const c = this.context;
    c.save();
    c.translate(x, y);
    c.rotate(angle);
    c.beginPath();
    c.moveTo(0, -5);
    c.lineTo(4.5, 3.5);
    c.lineTo(-4.5, 3.5);
    c.closePath();
    this.outlined(colour);
    c.restore();
  }

  outlined(colour) {
    const c = this.context;
    c.lineWidth = 2.5;
    c.strokeStyle = this.colours.page;
    c.stroke();
    c.fillStyle = colour;
    c.fill();
  }

  // Words on the first line below the bar where they fit, beside a tick up to their moment.
  note({ text }, x, row, lanes) {
    const { start, width, isLeft } = placed(x, this.width(text), this.frame);
    const lane = lanes.findIndex((end) => end <= start);
    if (lane < 0) return;
    lanes[lane] = start + width + 4;
    const y = row.y + BAR + NOTE * lane;
    this.line(x, row.y + BAR, y + NOTE - 3, this.colours.born);
    this.haloed(this.fitted(text, width - 8), isLeft ? x - 4 : x + 4, y + NOTE / 2 + 1, this.colours.faint, isLeft ? "right" : "left");
  }

  labels(rows) {
    const { context: c, frame, colours } = this, moment = this.moment ?? this.now(), isHere = (process) => isThere(process, moment);
    c.fillStyle = colours.page;
    c.fillRect(0, this.top, frame.left - 4, this.height);
    this.highlightLabel();
    for (const row of rows) {
      const y = row.y + BAR / 2 + 1;
      this.text(row.branches, EDGE, y, colours.born);
      const x = EDGE + this.width(row.branches), label = `${row.process.pid} ${row.name}`;
      this.text(this.fitted(label, frame.left - 8 - x), x, y, row.processes.some(isHere) ? colours.text : colours.faint);
    }
  }

  highlightLabel() {
    const row = this.hover && this.rowOf.get(this.hover);
    if (!row) return;
    this.context.fillStyle = this.colours.soft;
    this.context.fillRect(0, row.y - (ROW - BAR) / 2, this.frame.left - 4, ROW);
  }

  axis() {
    const { context: c, frame, colours } = this, bottom = top(this.document, this.live);
    c.fillStyle = colours.page;
    c.fillRect(0, 0, frame.width, bottom - 2);
    for (const moment of this.ticks()) {
      const text = this.tickText(moment), half = this.width(text) / 2;
      const x = Math.min(Math.max(frame.x(moment), frame.left + half), frame.right - half);
      this.text(text, x, AXIS / 2, colours.faint, "center");
    }
    this.missed();
  }

  tickText(moment) {
    if (!this.live) return fill(this.texts.second, { moment: round(moment) });
    const ago = round(this.now() - moment);
    return ago ? fill(this.texts.ago, { seconds: ago }) : this.texts.now;
  }

  // Births too short for any sample: a mark below the axis, with their number where there is room.
  missed() {
    let taken = -Infinity;
    for (const [, moment, count] of this.document.missed) {
      const x = this.frame.x(moment);
      if (!this.isInSight(moment) || x < taken) continue;
      this.triangle(x, AXIS + 3, Math.PI, this.colours.faint);
      this.haloed(String(count), x + 6, AXIS + 3, this.colours.faint, "left");
      taken = x + 10 + this.width(String(count));
    }
  }

  cursor() {
    const { frame, colours, context: c, moment } = this;
    if (moment === null || !this.isInSight(moment)) return;
    const x = frame.x(moment), text = this.tickText(moment), half = this.width(text) / 2 + 4;
    this.line(x, AXIS - 4, this.height, colours.accent, 1.5);
    const centre = Math.min(Math.max(x, half), frame.width - half);
    c.fillStyle = colours.accent;
    c.fillRect(centre - half, 2, 2 * half, AXIS - 6);
    this.text(text, centre, AXIS / 2, colours.page, "center");
  }

  line(x, from, to, colour, width = 1) {
    const c = this.context;
    c.strokeStyle = colour;
    c.lineWidth = width;
    c.beginPath();
    c.moveTo(Math.round(x) + 0.5, from);
    c.lineTo(Math.round(x) + 0.5, to);
    c.stroke();
  }

  text(text, x, y, colour, align = "left") {
    const c = this.context;
    c.textAlign = align;
    c.fillStyle = colour;
    c.fillText(text, x, y);
  }

  // Text that lines behind it do not cross.
  haloed(text, x, y, colour, align) {
    const c = this.context;
    c.textAlign = align;
    c.lineWidth = 4;
    c.lineJoin = "round";
    c.strokeStyle = this.colours.page;
    c.strokeText(text, x, y);
    this.text(text, x, y, colour, align);
  }

  width(text) {
    if (this.widths.size > 2000) this.widths.clear();
    if (!this.widths.has(text)) this.widths.set(text, this.context.measureText(text).width);
    return this.widths.get(text);
  }

  // Returns text, shortened with … to a width.
  fitted(text, width) {
    if (this.width(text) <= width) return text;
    const characters = [...text];
    let low = 0, high = characters.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.width(`${characters.slice(0, middle).join("")}…`) <= width) low = middle; else high = middle - 1;
    }
    return `${characters.slice(0, low).join("")}…`;
  }
}

function codeOf(state) {
  const place = NOTABLE.indexOf(state);
  return place < 0 ? UNKNOWN : 1 + NOTABLE.length - place;
}

function stateOf(code) {
  return code === UNKNOWN ? "?" : NOTABLE[NOTABLE.length + 1 - code];
}

function round(moment) {
  return Number(moment.toPrecision(3));
}

// Plain reaps are as many as a shell's commands: the mark is enough, unless it is known who was waited for.
function isWorthWords({ kind }, document) {
  return kind !== "reap" || Boolean(document.calls);
}

// Returns where the rows begin: below the axis, and below the marks of who was missed, of whom there may be more in what goes on.
function top({ missed }, live) {
  return AXIS + (live || missed.length ? MISSED : 0);
}

// Gives each row its place, its marks, and as many lines for words as it needs at this scale; returns the height of all.
export function lay(rows, document, texts, { live, frame, width }) {
  let y = top(document, live) + 6;
  for (const row of rows) {
    row.y = y;
    row.marks = kept((process) => happened(process, document, texts)); // of who is in sight, when it is
    row.lanes = live ? 0 : lanesNeeded(row.processes.flatMap(row.marks).filter((mark) => isWorthWords(mark, document)), frame, width);
    row.height = ROW + NOTE * row.lanes;
    y += row.height;
  }
  return y;
}

// Returns a function that works each thing out once.
function kept(make) {
  const known = new Map();
  return (thing) => known.get(thing) ?? known.set(thing, make(thing)).get(thing);
}

function happened(process, document, texts) {
  const found = marks(process, document, texts), exit = process.exit, at = death(process);
  const isToBeSaid = exit && at !== null && (exit.signal !== null || exit.code || at !== process.gone || process.pid === document.pid);
  return isToBeSaid ? [...found, { moment: at, kind: "ended", text: ended(exit, texts) }] : found;
}

// Returns where words beside a tick begin: to its right if there is room, else to its left, shortened where there is none.
function placed(x, text, { left, right }) {
  const wanted = text + 8, isLeft = x + wanted > right && x - left > right - x, width = Math.min(wanted, isLeft ? x - left : right - x);
  return { start: isLeft ? x - width : x, width, isLeft };
}

function lanesNeeded(notes, frame, width) {
  const lanes = [];
  for (const { moment, text } of notes) {
    const { start, width: room } = placed(frame.x(moment), width(text), frame);
    const lane = lanes.findIndex((end) => end <= start);
    lanes[lane < 0 ? lanes.length : lane] = start + room + 4;
  }
  return Math.min(lanes.length, NOTE_LANES);
}

// What there is to draw of a trace document (lab/trace/history.py says what is in one): its rows, what they are called,
// what happened in each, and the rows of ps at a moment. Nothing here knows of a screen.

import { fill } from "./texts.js";

// Of several states in one place the first of these is shown, as in the terminal: a short zombie too.
export const NOTABLE = "ZXDTRPWSIt";
const BRANCHES_SHOWN = 12; // columns
const A_TICK = 16384; // pids, more than are given in one
const SIGNALS = ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG "
  + "XCPU XFSZ VTALRM PROF WINCH IO PWR SYS").split(" ");

// Returns text without what does not print, which reads ?, as in ps.
export function printable(text) {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, "?");
}

export function signalName(number) {
  return SIGNALS[number - 1] ? `SIG${SIGNALS[number - 1]}` : String(number);
}

// Returns the index of the last span that has begun by a moment, -1 if none has.
export function spanAt(spans, moment) {
  let low = 0, high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle][0] <= moment) low = middle + 1; else high = middle;
  }
  return low - 1;
}

export function valueAt(spans, moment) {
  return spans[Math.max(spanAt(spans, moment), 0)]?.[2];
}

// Tells whether a process was there at a moment; who is there at the end of the document still is.
export function isThere(process, moment) {
  return process.first_seen <= moment && (process.gone === null || moment < process.gone);
}

// Returns the last command that a process ran by a moment: a zombie has no arguments, so those before it count.
export function commandAt(process, moment = Infinity) {
  for (let index = spanAt(process.commands, moment); index >= 0; index--) {
    if (process.commands[index][2].cmdline.length) return process.commands[index][2];
  }
  return process.commands[0]?.[2] ?? { comm: "?", cmdline: [] };
}

// Returns a command line without the folders of the program.
export function commandLine({ comm, cmdline }) {
  if (!cmdline.length) return printable(comm);
  const [program, ...rest] = cmdline;
  return printable([/^[/.]/.test(program) ? program.slice(program.lastIndexOf("/") + 1) : program, ...rest].join(" "));
}

function isSame(one, other) {
  return one.comm === other.comm && one.cmdline.join("\0") === other.cmdline.join("\0");
}

// Returns each process's first parent, as a Map; none if that one is not recorded.
export function parents(processes) {
  const byPid = new Map(), found = new Map();
  for (const process of processes) byPid.set(process.pid, [...(byPid.get(process.pid) ?? []), process]);
  const named = (pid, child) => byPid.get(pid)?.findLast((one) => one !== child && one.first_seen <= child.first_seen);
  for (const process of processes) {
    const first = named(process.parents[0]?.[2], process);
    if (first) found.set(process, first);
  }
  return found;
}

// Returns processes in the order in which they began, as lab/proc.py does: pids begin anew after the highest, so a gap
// that is too wide to have been given in one tick is where they did.
function byBirth(processes) {
  const sorted = [...processes].sort((one, other) => one.start - other.start || one.pid - other.pid), found = [];
  for (let from = 0, to; from < sorted.length; from = to) {
    for (to = from + 1; sorted[to]?.start === sorted[from].start;) to++;
    const together = sorted.slice(from, to);
    const anew = together.findIndex((one, index) => index && one.pid - together[index - 1].pid > A_TICK);
    found.push(...together.slice(Math.max(anew, 0)), ...together.slice(0, Math.max(anew, 0)));
  }
  return found;
}

// A row: `processes` are drawn in it, the newest last, whose `label` it has after the `branches` of the tree.
// With `lanes`, a Map that is kept from call to call, a child's row is its later sibling's once it is gone and childless.
export function rows(document, { lanes = null, from = -Infinity } = {}) {
  const inOrder = byBirth(document.processes.filter((process) => process.gone === null || process.gone >= from));
  const parentOf = parents(inOrder), families = new Map();
  const isParent = new Set(parentOf.values());
  for (const process of inOrder) {
    const parent = parentOf.get(process) ?? adopter(process, inOrder, from);
    if (!families.has(parent)) families.set(parent, []);
    place(process, families.get(parent), lanes, isParent);
  }
  return flattened(families);
}

// Who has no first parent in sight any more is shown below the one that it has now, in a document that moves on.
function adopter(process, others, from) {
  if (from === -Infinity) return undefined;
  const ppid = process.parents.at(-1)?.[2];
  return others.find((one) => one.pid === ppid && one !== process && one.start <= process.start);
}

function place(process, family, lanes, isParent) {
  const kept = lanes?.get(process);
  const free = (row) => row.lane === kept || (!kept && row.processes.every(
    (one) => one.gone !== null && one.gone <= process.first_seen && !isParent.has(one)));
  let row = lanes ? family.find(free) : undefined;
  if (!row) family.push(row = { lane: kept ?? {}, processes: [] });
  lanes?.set(process, row.lane);
  row.processes.push(process);
}

function flattened(families) {
  const found = [], seen = new Set();
  const waiting = [...(families.get(undefined) ?? [])].reverse().map((row) => ({ row, branches: "", below: "", parent: null }));
  while (waiting.length) {
    const { row, branches, below, parent } = waiting.pop();
    if (seen.has(row)) continue;
    seen.add(row);
    const process = row.processes.at(-1);
    found.push({ ...row, process, parent, branches: shortened(branches), name: called(process, parent) });
    const children = row.processes.flatMap((one) => (families.get(one) ?? []).map((child) => ({ row: child, parent: one })));
    for (const child of [...children].reverse()) {
      const [fork, side] = child === children.at(-1) ? ["└─", "  "] : ["├─", "│ "];
      waiting.push({ ...child, branches: below + fork, below: below + side });
    }
  }
  return found;
}

function shortened(branches) {
  return branches.length <= BRANCHES_SHOWN ? branches : `…${branches.slice(-BRANCHES_SHOWN)}`;
}

// Returns what a process is called: its command line, or only its name where that is its parent's.
function called(process, parent) {
  const command = commandAt(process);
  return parent && isSame(command, commandAt(parent)) ? printable(command.comm) : commandLine(command);
}

// Returns what happened to a process besides its states, in time order: {moment, kind, text}, with `to`, a pid, for an adoption.
export function marks(process, document, texts) {
  const found = [];
  const note = (moment, kind, name, values, more) => found.push({ moment, kind, text: fill(texts[name], values), ...more });
  for (const [moment, , pid] of process.parents.slice(1)) note(moment, "adopted", "adopted", { by: named(pid, document) }, { to: pid });
  changes(process.niceness, (moment, before, after) => note(moment, "nice", "nice", { before, after }));
  changes(process.threads, (moment, before, after) => note(moment, "nice", "threads", { before, after }));
  changes(process.commands.filter(([, , command]) => command.cmdline.length), (moment, before, after) => {
    if (before.cmdline.join("\0") !== after.cmdline.join("\0")) note(moment, "exec", "exec", { command: commandLine(after) });
  });
  if (document.calls) found.push(...calledByStrace(process, document, texts));
  else changes(process.reaped ?? [], (moment, before, after) => after > before && note(moment, "reap", "reap"));
  return found.sort((one, other) => one.moment - other.moment);
}

function changes(spans, tell) {
  for (let index = 1; index < spans.length; index++) tell(spans[index][0], spans[index - 1][2], spans[index][2]);
}

function calledByStrace({ pid }, { calls }, texts) {
  const waits = calls.waits.filter((wait) => wait.pid === pid).map((wait) => ({
    moment: wait.time, kind: wait.change === "ended" ? "reap" : "wait",
    text: fill(wait.error ? texts.waitFailed : wait.exit ? texts.wait : texts.waited, { ...wait, how: ended(wait.exit, texts) }),
  }));
  const signals = calls.signals.filter((signal) => signal.pid === pid).map(({ time, signal, sender }) => ({
    moment: time, kind: "signal",
    text: fill(sender ? texts.signal : texts.signalAlone, { signal: signalName(signal), sender }),
  }));
  return [...waits, ...signals];
}

// Returns a pid with the name of who has it.
export function named(pid, document) {
  const name = document.processes.findLast((process) => process.pid === pid)?.commands.at(-1)?.[2].comm ?? document.outsiders[pid];
  return name ? `${pid} (${printable(name)})` : String(pid);
}

// Says how a process ended; "" if that is not known.
export function ended(exit, texts) {
  if (!exit) return "";
  return exit.signal !== null ? fill(texts.killed, { signal: signalName(exit.signal) }) : fill(texts.exit, { code: exit.code });
}

// Returns the moment from which on a process was dead: a zombie, or gone; null if it is not.
export function death(process) {
  const dead = process.states.findLast(([, , state]) => state === "Z");
  return dead ? dead[0] : process.gone;
}

// Returns the rows of ps at a moment, in the order of the drawing's.
export function ps(rows, moment) {
  return rows.flatMap((row) => row.processes).filter((process) => isThere(process, moment)).map((process) => {
    const state = valueAt(process.states, moment) ?? "?", nice = valueAt(process.niceness, moment) ?? 0;
    const command = commandAt(process, moment);
    const stat = [
      state, nice < 0 && "<", nice > 0 && "N", valueAt(process.sessions, moment) === process.pid && "s",
      valueAt(process.threads, moment) > 1 && "l", valueAt(process.foreground, moment) && "+",
    ].filter(Boolean).join("");
    const cmd = state === "Z" ? `[${printable(valueAt(process.commands, moment).comm)}] <defunct>` : commandLine(command);
    return { process, pid: process.pid, ppid: valueAt(process.parents, moment), stat, nice, cmd };
  });
}

// Returns the moment that a person most likely wants to see first: within the longest zombie, else half-way.
export function notableMoment(document) {
  const zombies = document.processes.flatMap(({ states }) => states.filter(([, , state]) => state === "Z"));
  const [from, to] = zombies.reduce((longest, span) => (span[1] - span[0] > longest[1] - longest[0] ? span : longest), [0, 0]);
  return to > from ? (from + to) / 2 : (document.ended ?? document.seconds) / 2;
}

// Returns the moments at which anything of what is drawn changes, in time order.
export function moments(rows, document, texts) {
  const found = new Set();
  for (const process of rows.flatMap((row) => row.processes)) {
    for (const [from] of process.states) found.add(from);
    if (process.gone !== null) found.add(process.gone);
    for (const { moment } of marks(process, document, texts)) found.add(moment);
  }
  return [...found].sort((one, other) => one - other);
}

// Returns round moments between two, at least `apart` seconds from each other.
export function ticks(from, to, apart) {
  const magnitude = 10 ** Math.floor(Math.log10(apart));
  const step = [1, 2, 5, 10].map((unit) => unit * magnitude).find((unit) => unit >= apart * 0.999);
  const found = [];
  for (let number = Math.ceil(from / step - 1e-9); number * step <= to; number++) found.push(Number((number * step).toPrecision(12)));
  return found;
}

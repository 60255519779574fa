// What the drawing says in English. `options.texts` of `draw` may give each of them in another language.

export const TEXTS = {
  R: "running", S: "sleeping", D: "uninterruptible", T: "stopped", Z: "zombie", t: "stopped by a tracer", other: "another state",
  adopted: "adopted by {by}",
  exec: "now {command}",
  nice: "niceness {before} → {after}",
  threads: "threads {before} → {after}",
  reap: "waited for a child",
  wait: "{call} returned {child}: {how}",
  waited: "{call} returned {child}",
  waitFailed: "{call} fails: {error}",
  signal: "{signal} from {sender}",
  signalAlone: "{signal} arrives",
  exit: "exit {code}",
  killed: "killed by {signal}",
  gone: "gone",
  missed: "pids that came and went between two samples: {count}",
  marks: "command", marksAdopted: "adopted", marksNice: "niceness, threads", marksReap: "waited", marksSignal: "signal",
  state: "{state} since {moment} s, for {seconds} s",
  parent: "parent {ppid}",
  niceness: "niceness {nice}",
  at: "at {moment} s",
  now: "now",
  ago: "{seconds} s ago",
  second: "{moment} s",
  stalled: "no news for {seconds} s",
  ptraced: "under strace (--calls): it is slower by that, and t is strace's doing",
  zoomIn: "zoom in", zoomOut: "zoom out", fit: "all of it", follow: "follow", pause: "pause",
  cursor: "moment",
  help: "click or drag: a moment; arrow keys: move it, with Shift to a change; Ctrl and the wheel, + and −: zoom",
  nobody: "no process at this moment",
  more: "… and {count} more",
};

// Returns a text with its {values}.
export function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

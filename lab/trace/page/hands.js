// What a person's hands do to a drawing: keys, the wheel, a pointer, fingers. `view` is timeline.js's.

import { isThere, moments } from "./model.js";
import { AXIS } from "./paint.js";

export class Hands {
  // `on` adds a listener: to what, to which event, and what to do.
  constructor(view, on) {
    this.view = view;
    this.fingers = new Map(); // where each is, by its number
    this.hasPinched = false;
    on(view.plot, "keydown", (event) => this.press(event));
    on(view.plot, "wheel", (event) => this.wheel(event), { passive: false });
    on(view.plot, "pointerdown", (event) => this.touch(event));
    on(view.plot, "pointermove", (event) => this.move(event));
    on(view.plot, "pointerup", (event) => this.lift(event));
    on(view.plot, "pointercancel", (event) => this.lift(event));
    on(view.plot, "pointerleave", () => this.leave());
  }

  press(event) {
    const { view } = this, { document, from, to, options: { live } } = view, at = view.moment ?? document.seconds, step = (to - from) / 100;
    const acts = {
      ArrowLeft: () => view.select(event.shiftKey ? this.change(at, -1) : at - step),
      ArrowRight: () => view.select(event.shiftKey ? this.change(at, 1) : at + step),
      PageUp: () => view.pan((from - to) / 2), PageDown: () => view.pan((to - from) / 2),
      Home: () => view.select(live ? Math.max(0, from) : 0), End: () => view.select(live ? null : document.seconds),
      Escape: () => view.select(null), "+": () => view.zoom(2), "=": () => view.zoom(2), "-": () => view.zoom(1 / 2), 0: () => view.fitAll(),
    };
    if (!acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts[event.key]();
  }

  // Returns the next moment, or the one before, at which anything changes.
  change(at, direction) {
    const all = moments(this.view.rows, this.view.document, this.view.texts);
    return (direction > 0 ? all.find((moment) => moment > at + 1e-9) : all.findLast((moment) => moment < at - 1e-9)) ?? at;
  }

  wheel(event) {
    const { view } = this, isZoom = event.ctrlKey || event.metaKey, aside = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (!view.frame || (!isZoom && !event.shiftKey && Math.abs(aside) <= Math.abs(event.deltaY))) return; // the rows scroll
    event.preventDefault();
    if (isZoom) view.zoom(Math.exp(-event.deltaY / 300), view.frame.moment(this.place(event).x));
    else view.pan(aside * view.frame.perPixel);
  }

  touch(event) {
    this.fingers.set(event.pointerId, this.place(event));
    this.hasPinched = this.fingers.size > 1;
    if (event.button || this.hasPinched) return;
    this.view.plot.setPointerCapture(event.pointerId);
    if (event.pointerType === "mouse") this.point(event);
  }

  move(event) {
    const before = this.fingers.get(event.pointerId), now = this.place(event);
    if (this.fingers.size === 2 && before) this.pinch(event.pointerId, before, now);
    else if (before && !this.hasPinched && event.buttons & 1) this.point(event);
    if (before) this.fingers.set(event.pointerId, now);
    this.view.pointer = now;
    this.view.hover = this.processAt(now);
    this.view.request();
  }

  lift(event) {
    const isTap = this.fingers.size === 1 && !this.hasPinched && event.type === "pointerup";
    if (isTap && !event.button) this.point(event);
    this.fingers.delete(event.pointerId);
  }

  leave() {
    this.view.hover = this.view.pointer = null;
    this.view.request();
  }

  // Two fingers keep the moments below them.
  pinch(id, before, now) {
    const { view } = this, [other] = [...this.fingers].filter(([number]) => number !== id).map(([, place]) => place);
    const wide = Math.abs(before.x - other.x), held = view.frame.moment((before.x + other.x) / 2);
    if (wide > 10) view.zoom(Math.max(Math.abs(now.x - other.x), 1) / wide, held);
    view.pan(((before.x - now.x) / 2) * view.frame.perPixel);
  }

  point(event) {
    const { view } = this, { x } = this.place(event);
    if (view.frame && x >= view.left) view.select(view.frame.moment(x));
  }

  place({ clientX, clientY }) {
    const box = this.view.canvas.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  }

  // Returns whose bar or label is at a place: in a shared row the one of that time, else its newest.
  processAt({ x, y }) {
    const { view } = this, inside = y + view.plot.scrollTop;
    const row = y > AXIS && view.rows.find((one) => inside >= one.y - 3 && inside < one.y + one.height - 3);
    if (!row) return null;
    return (x >= view.left && row.processes.find((one) => isThere(one, view.frame.moment(x)))) || row.process;
  }
}

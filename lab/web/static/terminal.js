// A terminal of the seat on this page. It reconnects by itself, and then gets what it has missed; what it has not drawn
// yet is bounded, since it tells the server how much it has drawn.

import { Pulse } from "/static/page.js";

const ACK = 32768; // bytes drawn between two acknowledgements
const SLICE = 16384; // bytes typed or pasted at once
const MOST_TYPED = 1000; // keys that wait for a connection
const encoder = new TextEncoder();

export class TerminalView {
  // query: what says which terminal it is; looksOn: it is another's, and only looked at
  constructor(element, query, texts, { looksOn = false, tell = () => {} } = {}) {
    Object.assign(this, { element, query, texts, looksOn, tell });
    this.epoch = "";
    this.offset = 0; // bytes of the epoch's output that came
    this.unsaid = 0; // bytes drawn and not acknowledged
    this.pause = 300; // milliseconds until the next try
    this.mayType = !looksOn;
    this.typed = []; // while there was no connection
    this.key = Math.random().toString(36).slice(2); // which page it is, for all its connections
    this.pulse = new Pulse(() => this.silent());
    this.open();
    this.connect();
  }

  open() {
    const { Terminal } = window;
    this.terminal = new Terminal({ allowProposedApi: true, scrollback: 5000, fontSize: 14, fontFamily:
      "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK SC', monospace",
      theme: { background: "#16181d", foreground: "#e6e6e6" } });
    this.fit = new window.FitAddon.FitAddon();
    this.terminal.loadAddon(this.fit);
    this.terminal.loadAddon(new window.Unicode11Addon.Unicode11Addon());
    this.terminal.unicode.activeVersion = "11";
    this.terminal.loadAddon(new window.CanvasAddon.CanvasAddon()); // before it opens: xterm's own drawing needs inline styles
    this.terminal.open(this.element);
    this.terminal.onData((text) => this.type(encoder.encode(text)));
    this.terminal.onBinary((text) => this.type(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
    this.terminal.attachCustomKeyEventHandler((event) => this.mayHandle(event));
    if (!this.looksOn) {
      this.terminal.onResize(() => this.sendSize());
      this.terminal.textarea.addEventListener("focus", () => this.sendSize()); // of two windows, the one in use decides
      this.observer = new ResizeObserver(() => this.adapt());
      this.observer.observe(this.element);
      this.adapt();
    }
    this.again = () => this.socket ?? this.connect();
    window.addEventListener("online", this.again);
  }

  mayHandle(event) { // Ctrl-Shift-C copies: Ctrl-C is the program's
    if (event.type === "keydown" && event.ctrlKey && event.shiftKey && event.code === "KeyC") {
      if (this.terminal.hasSelection()) document.execCommand("copy"); // which has no need of https
      event.preventDefault();
      return false;
    }
    return this.mayType || event.key !== "Escape"; // who only looks on closes the dialog with it
  }

  adapt() { // to the room on the page; a hidden one has none
    if (this.element.clientWidth > 0 && this.element.clientHeight > 0) this.fit.fit();
  }

  connect() {
    clearTimeout(this.timer);
    const { cols, rows } = this.terminal;
    const asked = { ...this.query, page: this.key, epoch: this.epoch, offset: this.offset, columns: cols, rows };
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/api/terminal?${new URLSearchParams(asked)}`);
    socket.binaryType = "arraybuffer";
    this.pulse.begin();
    socket.onmessage = ({ data }) => this.socket === socket && this.take(data);
    socket.onclose = () => this.lost(socket);
    this.socket = socket;
  }

  lost(socket) {
    if (this.socket !== socket) return;
    this.socket = null;
    if (this.isOver) return;
    this.tell({ connected: false });
    this.timer = setTimeout(() => this.connect(), this.pause);
    this.pause = Math.min(3000, this.pause * 1.5);
  }

  silent() { // the network is gone, whatever the socket says
    const { socket } = this;
    if (!socket) return;
    this.lost(socket);
    socket.close();
  }

  take(data) {
    this.pulse.heard();
    if (typeof data === "string") this.hear(JSON.parse(data));
    else this.draw(new Uint8Array(data));
  }

  hear(said) {
    if (said.epoch) this.begin(said);
    if (said.reset) this.terminal.reset();
    if (said.size && this.looksOn) this.terminal.resize(...said.size);
    if (said.error || said.ended) this.over(said);
    if ("looking" in said) {
      if (this.looksOn) this.mayType = said.typing;
      this.tell({ looking: said.looking, typing: said.typing });
    }
  }

  begin({ epoch, offset, again, kept }) {
    this.pause = 300;
    this.unsaid = 0;
    // Where nobody knows any more what was on the screen, what we have on it is all that there is.
    const isAllThatIs = this.epoch && kept && offset === 0;
    if (this.epoch && !again && !isAllThatIs) this.terminal.reset();
    Object.assign(this, { epoch, offset });
    this.tell({ connected: true });
    this.sendSize();
    for (const bytes of this.typed.splice(0)) this.type(bytes);
  }

  over({ error, ended, status }) {
    this.isOver = true;
    const words = error ?? this.texts.ended;
    if (!(this.looksOn && ended)) this.terminal.write(`\r\n\x1b[7m ${words} \x1b[0m\r\n`);
    this.tell({ over: true, status });
  }

  draw(bytes) {
    this.offset += bytes.length;
    this.terminal.write(bytes, () => this.drawn(bytes.length));
  }

  drawn(count) {
    this.unsaid += count;
    clearTimeout(this.saying);
    if (this.unsaid >= ACK) this.say();
    else this.saying = setTimeout(() => this.say(), 50);
  }

  say() {
    this.send(JSON.stringify({ ack: this.unsaid }));
    this.unsaid = 0;
  }

  sendSize() {
    if (!this.looksOn) this.send(JSON.stringify({ size: [this.terminal.cols, this.terminal.rows] }));
  }

  allow(allowed) { // who looks on may type
    this.send(JSON.stringify({ allow: allowed }));
  }

  type(bytes) {
    if (this.isOver) {
      if (!this.looksOn && bytes.includes(13)) this.startAgain();
      return;
    }
    if (!this.mayType) return;
    if (this.socket?.readyState !== WebSocket.OPEN) { // it is typed when there is a connection again
      if (this.typed.length < MOST_TYPED) this.typed.push(bytes);
      return;
    }
    for (let at = 0; at < bytes.length; at += SLICE) this.send(bytes.subarray(at, at + SLICE));
  }

  startAgain() {
    Object.assign(this, { isOver: false, epoch: "", offset: 0 });
    this.terminal.reset();
    this.connect();
  }

  send(data) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(data);
  }

  end() { // for good: the shell is hung up
    this.send(JSON.stringify({ end: true }));
    this.close();
  }

  close() {
    this.isOver = true;
    clearTimeout(this.timer);
    clearTimeout(this.saying);
    this.pulse.stop();
    window.removeEventListener("online", this.again);
    this.observer?.disconnect();
    this.socket?.close();
    this.element.remove();
    try {
      this.terminal.dispose();
    } catch { // the canvas addon of this version wants another drawing to take its place; nothing needs one any more
    }
  }
}

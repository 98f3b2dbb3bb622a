/**
 * A WebSocket that comes back by itself, with full jitter, until it is closed. It knows no message but `ping`.
 *
 * A phone that slept, or a network that went away without saying so, leaves a socket that looks alive: so something
 * must be heard within DEAD_MS, and whoever comes back to the page asks at once.
 */

const PING_MS = 10_000;
const DEAD_MS = 25_000;
const WAKE_MS = 3_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

export class Link {
  /** @type {WebSocket | null} */
  #socket = null;
  #tries = 0;
  #closed = false;
  #heardAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #beat;
  /** @type {number[]} when pings without an answer were sent */
  #pings = [];

  /** `pinged` is when the ping was sent that a pong answers. @param {{open: () => void, message: (message: any, pinged: number) => void, lost: () => void}} to */
  constructor(to) {
    this.to = to;
    addEventListener('online', () => this.#wake());
    addEventListener('offline', () => this.drop());
    document.addEventListener('visibilitychange', () => document.hidden || this.#wake());
    addEventListener('pageshow', () => this.#wake());
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connect, now. */
  open() {
    clearTimeout(this.#timer);
    if (this.#closed || this.#socket) return;
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws`);
    this.#socket = socket;
    this.#heardAt = performance.now();
    this.#pings = [];
    socket.onopen = () => this.to.open();
    socket.onmessage = (event) => {
      this.#heardAt = performance.now();
      const message = JSON.parse(event.data);
      this.to.message(message, message.type === 'pong' ? (this.#pings.shift() ?? this.#heardAt) : 0);
    };
    socket.onclose = () => socket === this.#socket && this.drop();
    this.#beat = setInterval(() => this.#check(), PING_MS);
  }

  /** The other side is as it should be: the next loss is the first of its kind. */
  welcome() {
    this.#tries = 0;
    this.ping();
  }

  /** @param {object} message */
  send(message) {
    if (this.isOpen) this.#socket?.send(JSON.stringify(message));
  }

  ping() {
    this.#pings.push(performance.now());
    this.send({ type: 'ping' });
  }

  /** Give this connection up, and have no other until `open` is called. */
  rest() {
    this.drop();
    clearTimeout(this.#timer);
  }

  /** Give this connection up; another one follows. */
  drop() {
    if (!this.#socket) return;
    const socket = this.#socket;
    this.#socket = null;
    socket.onclose = socket.onmessage = socket.onopen = null;
    socket.close();
    clearInterval(this.#beat);
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#tries++);
    this.#timer = setTimeout(() => this.open(), Math.random() * longest);
    this.to.lost();
  }

  /** For good. */
  close() {
    this.#closed = true;
    this.rest();
  }

  #check() {
    if (performance.now() - this.#heardAt > DEAD_MS) this.drop();
    else this.ping();
  }

  #wake() {
    if (!this.#socket) {
      this.open();
      return;
    }
    const asked = performance.now();
    this.ping();
    setTimeout(() => this.#heardAt < asked && this.#socket && this.drop(), WAKE_MS);
  }
}

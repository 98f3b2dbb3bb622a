/**
 * One participant's side of the conversation with a room, over any number of connections: who comes in, what they know,
 * what they have asked. Everything on the page follows what it tells:
 *
 * - `welcome`: this connection is in; `you` and `view` are there.
 * - `events`: what has just happened, in order. `shown`: the room was shown anew, without telling how it came so.
 * - `answer`: a command is settled. `link`: `online` has changed.
 * - `denied`: the server doesn't let us in like this; nothing follows until `enter` is called.
 */

import { Link } from './link.js';
import { Outbox } from './outbox.js';
import { ServerTime } from './time.js';
import { View } from './view.js';

const TRY_AGAIN = new Set(['too_slow', 'silent', 'too_many', 'rate_limited', 'unavailable']);
const NAME_TRIES = 8;
const SEND_AGAIN_MS = 1_000;

export class Session {
  online = false;
  /** @type {View | null} */
  view = null;
  /** @type {You | null} */
  you = null;
  time = new ServerTime();
  /** @type {Record<string, ((...what: any[]) => void)[]>} */
  #listeners = {};
  #nameTries = 0;
  #wasIn = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #resend;

  /** @param {string} room @param {Entrance} entry @param {Memory} memory */
  constructor(room, entry, memory) {
    this.room = room;
    /** @type {Entrance} */
    this.entry = entry;
    this.memory = memory;
    this.outbox = new Outbox(memory);
    this.link = new Link({
      open: () => this.#greet(),
      message: (message, pinged) => this.#take(message, pinged),
      lost: () => this.#lost(),
    });
  }

  start() {
    this.link.open();
  }

  /** Come in as somebody else. @param {Entrance} entry */
  enter(entry) {
    this.entry = entry;
    this.#wasIn = false;
    if (this.link.isOpen) this.#greet();
    else this.link.open();
  }

  /** Send a bidder's command; its `answer` comes as an event. @param {any} fields */
  ask(fields) {
    this.link.send(this.outbox.add(fields));
  }

  #greet() {
    const { kind, name, token, code } = this.entry;
    const resume = this.view && { after: this.view.seq, head: this.view.head };
    const events = kind === 'control' ? 'all' : undefined; // a desk's log is whole
    this.link.send({ type: kind, name, token, code, room: this.room, events, ...resume });
  }

  /** @param {any} message @param {number} pinged */
  #take(message, pinged) {
    switch (message.type) {
      case 'welcome':
        this.#welcome(message);
        break;
      case 'update':
        if (!this.view?.update(message)) this.link.drop();
        else this.#tell('events', message.events);
        break;
      case 'state':
        this.view?.show(message.room, message.seq, message.head);
        this.#tell('shown');
        break;
      case 'sales':
        this.#tell('events', message.events);
        break;
      case 'accepted':
      case 'refused':
        this.#settle(message);
        break;
      case 'pong':
        this.time.pong(message.now, pinged);
        break;
      case 'error':
        this.#error(message);
        break;
      case 'bye':
        this.link.drop();
    }
  }

  /** @param {any} welcome */
  #welcome(welcome) {
    this.time.restart(welcome.now);
    const { you = null, token, room, seq, head } = welcome;
    this.you = you;
    if (you && token) {
      this.entry = { kind: 'join', token };
      this.memory.keep({ token });
      this.memory.goOnFrom(you.last_id);
    }
    if (room && this.view) this.view.show(room, seq, head);
    else if (room) this.view = new View(room, seq, head);
    this.#nameTries = 0;
    this.#wasIn = true;
    this.online = true;
    this.link.welcome();
    this.#tell('link');
    this.#tell('welcome');
    if (you) this.#sendAgain();
  }

  /** @param {Answer} answer */
  #settle(answer) {
    const { settled, again } = this.outbox.settle(answer);
    if (again) this.link.send(again);
    if (settled) this.#tell('answer', settled, answer);
    if (this.outbox.waiting) {
      clearTimeout(this.#resend);
      this.#resend = setTimeout(() => this.#sendAgain(), Math.random() * SEND_AGAIN_MS);
    }
  }

  #sendAgain() {
    if (!this.online) return;
    for (const command of this.outbox.again()) this.link.send(command);
  }

  /** @param {{reason: string, message: string}} error */
  #error({ reason, message }) {
    const { kind, token, code } = this.entry;
    if (this.online && reason === 'unavailable') {
      this.outbox.doubt();
      this.#resend = setTimeout(() => this.#sendAgain(), Math.random() * SEND_AGAIN_MS);
    } else if (this.online && reason === 'rate_limited') {
      // a ping too many; the refusal of a command names it
    } else if (TRY_AGAIN.has(reason)) {
      this.link.drop();
    } else if (reason === 'bad_token' && kind === 'join' && token && !code) {
      // Everybody of ours had left, or the server was started again, before anything of ours counted: it forgot us.
      const { name } = this.memory.bidder;
      this.memory.keep({ token: undefined, rounds: {} });
      // What is unanswered is asked again only in the very sale that it was meant for: `head` proves that to be this one.
      if (!this.view || !name) this.#giveUp();
      this.enter(name ? { kind: 'join', name } : { kind: 'watch' });
    } else if (reason === 'name_taken' && this.#wasIn && this.#nameTries++ < NAME_TRIES) {
      this.link.drop(); // by our own connection before this one, perhaps
    } else {
      if (reason === 'forked') this.link.close();
      if (kind === 'join') this.#giveUp();
      this.#tell('denied', reason, message);
    }
  }

  /** What was asked as somebody who is not let in is lost: it must never be sent as somebody else's. */
  #giveUp() {
    for (const command of this.outbox.clear()) this.#tell('answer', command, { type: 'refused', id: command.id, reason: 'stale_id' });
  }

  #lost() {
    this.online = false;
    this.outbox.doubt();
    this.#tell('link');
  }

  /** @template {keyof Told} Kind @param {Kind} kind @param {Told[Kind]} listener */
  on(kind, listener) {
    (this.#listeners[kind] ??= []).push(listener);
  }

  /** @template {keyof Told} Kind @param {Kind} kind @param {Parameters<Told[Kind]>} what */
  #tell(kind, ...what) {
    for (const listener of this.#listeners[kind] ?? []) listener(...what);
  }
}

/**
 * The hall's screen: what is on now, as large as it goes, and how to join. Nobody touches it; it looks on like anybody.
 */

import { fetchEntries, findRoom, get, roomPath, untilThere } from '../room/rooms.js';
import { Memory } from '../room/memory.js';
import { Session } from '../room/session.js';
import { locale, t } from '../texts.js';
import { byId, el, onceAFrame, setAttr, setText } from '../ui/dom.js';
import { followLink } from '../ui/frame.js';
import { Money } from '../ui/money.js';
import { aboutWords, call, clockWords } from '../ui/words.js';

const TICK_MS = 200;
const SOLD_MS = 5_000;
/** How long a sale is shown where the next unit is open already, and nobody has bid for that. */
const NEXT_MS = 2_000;
const ANNOUNCED_MS = 120_000;
const AT_ONCE = 3;

/** What the hammer's fall came to, and of which unit. @typedef {{words: string, until: number, about?: string, price?: number, leader?: string}} Fallen */

class Hall {
  /** @type {Map<string, Description>} */
  #entries = new Map();
  #catalogue = '';
  /** What was paid for each unit, by the number of its sale; null where that was cancelled. @type {Map<number, number | null>} */
  #sales = new Map();
  /** The hammer's last fall on an item, while it is shown. @type {Map<string, Fallen>} */
  #fallen = new Map();
  /** @type {Map<string, Lot>} */
  #lots = new Map();

  /** @param {RoomLine} room @param {HTMLElement} main */
  constructor(room, main) {
    this.room = room;
    this.money = new Money(room.currency, room.decimals, locale);
    this.session = new Session(room.id, { kind: 'watch' }, new Memory(`hall:${room.id}`));
    this.said = el('p', { class: 'announcement', role: 'status' });
    this.stage = el('div', { class: 'stage' });
    this.quiet = el('p', { class: 'quiet-stage' });
    this.sum = el('p', { class: 'sum' });
    this.next = el('p', { class: 'next' });
    this.join = el('aside', { class: 'join' });
    main.replaceChildren(this.said, this.stage, el('footer', {}, el('div', {}, this.sum, this.next), this.join));
    this.draw = onceAFrame(() => this.#draw());
    followLink(this.session);
    this.#follow();
    this.session.start();
    void this.#invite();
  }

  #follow() {
    const { session } = this;
    session.on('welcome', () => void this.#fetch());
    session.on('events', (events) => this.#take(events));
    session.on('shown', () => void this.#fetch());
    setInterval(this.draw, TICK_MS);
  }

  async #invite() {
    const { address, qr } = await untilThere(() => get(roomPath(this.room.id, 'join')));
    this.join.replaceChildren(el('img', { src: qr, alt: '' }), el('p', {}, t.hall.joinHere), el('p', { class: 'address' }, address.replace(/^https?:\/\/|\/$/g, '')));
  }

  async #fetch() {
    const { view } = this.session;
    if (!view) return;
    document.title = `${view.name} · Bidroom`;
    setText(byId('room-name'), view.name);
    const report = await get(roomPath(this.room.id, 'purchases')).catch(() => null);
    // What was heard meanwhile is newer.
    for (const { seq, amount } of report?.purchases ?? []) if (!this.#sales.has(seq)) this.#sales.set(seq, amount);
    if (this.#catalogue !== view.catalogue) {
      this.#catalogue = view.catalogue;
      this.#entries = await fetchEntries(this.room.id);
      this.#lots.clear();
    }
    this.draw();
  }

  /** @param {RoomEvent[]} events */
  #take(events) {
    const { view } = this.session;
    for (const event of events) {
      const fallen = this.#fallen.get(event.item);
      if (event.type === 'unit_sold') {
        this.#sales.set(event.seq, event.amount);
        const units = view?.items.get(event.item)?.units ?? 1;
        const sold = { about: units > 1 ? t.unitOf(event.unit, units) : '', price: event.amount, leader: event.bidder };
        this.#fall(event.item, `${t.hall.sold} ${t.hall.to(event.bidder)}`, sold);
      } else if (event.type === 'sale_cancelled') {
        this.#sales.set(event.sale, null);
      } else if (event.type === 'item_finished' && event.because) {
        this.#fall(event.item, t.hall.passed);
      } else if (event.type === 'round_opened' && fallen) {
        fallen.until = Math.min(fallen.until, performance.now() + NEXT_MS);
      } else if (event.type === 'bid_accepted') {
        this.#fallen.delete(event.item);
      } else if (event.type === 'item_added') {
        this.#catalogue = '';
        void this.#fetch();
      }
    }
    this.draw();
  }

  /** @param {string} item @param {string} words @param {Partial<Fallen>} [sold] */
  #fall(item, words, sold) {
    this.#fallen.set(item, { words, until: performance.now() + SOLD_MS, ...sold });
  }

  #draw() {
    const { view, time } = this.session;
    if (!view) return;
    const items = this.#onStage([...view.items.values()]);
    const lots = items.map((item) => this.#lot(item));
    const nodes = lots.length ? lots.map(({ node }) => node) : [this.quiet];
    if (nodes.some((node, n) => this.stage.children[n] !== node) || this.stage.children.length !== nodes.length) {
      this.stage.replaceChildren(...nodes);
    }
    this.stage.dataset.count = String(lots.length);
    for (const lot of lots) lot.draw(time.now(), this.#fallen.get(lot.item.id));
    const units = [...view.items.values()].reduce((sum, item) => sum + item.units, 0);
    const sales = [...this.#sales.values()].filter((amount) => amount !== null);
    const turnover = sales.reduce((sum, amount) => sum + amount, 0);
    setText(this.sum, `${t.hall.turnover}: ${this.money.format(turnover)} · ${t.hall.unitsSold(sales.length, units)}`);
    const next = [...view.items.values()].filter((item) => item.state === 'between' && !items.includes(item)).slice(0, 3);
    setText(this.next, next.length ? `${t.hall.next}: ${next.map((item) => item.name).join(', ')}` : '');
    const begun = [...view.items.values()].some(({ unit }) => unit > 0);
    setText(this.quiet, view.finished ? t.hall.over : begun && next[0] ? `${t.hall.next}: ${next[0].name}` : t.hall.soon);
    this.#drawNews(view, time.now());
  }

  /** @param {View} view @param {number} now */
  #drawNews(view, now) {
    const told = view.announcement;
    const announcement = told && now - told.at < ANNOUNCED_MS ? told.text : '';
    const words = view.paused ? t.roomPaused : announcement || (view.closing && !view.finished ? t.roomClosing : '');
    fit(this.said, words);
    this.said.hidden = !words;
  }

  /** Those that close next, and what has just fallen; before their first bid in the order of the sale. @param {Item[]} items */
  #onStage(items) {
    const now = performance.now();
    for (const [id, { until }] of this.#fallen) if (until < now) this.#fallen.delete(id);
    const open = items.filter((item) => item.state === 'open' || this.#fallen.has(item.id));
    const closes = (/** @type {Item} */ item) => (this.#fallen.has(item.id) ? 0 : (item.ends_at ?? Infinity));
    const soonest = [...open].sort((one, other) => closes(one) - closes(other) || 0).slice(0, AT_ONCE);
    return open.filter((item) => soonest.includes(item));
  }

  /** @param {Item} item */
  #lot(item) {
    const lot = this.#lots.get(item.id) ?? new Lot(item, this.#entries.get(item.id), this.money);
    this.#lots.set(item.id, lot);
    return lot;
  }
}

/** A text whose size follows its length. @param {HTMLElement} node @param {string} text */
function fit(node, text) {
  setText(node, text);
  node.style.setProperty('--length', String(text.length || 1));
}

/** One item on the stage. */
class Lot {
  /** @param {Item} item @param {Description | undefined} entry @param {Money} money */
  constructor(item, entry, money) {
    this.item = item;
    this.money = money;
    this.window = entry?.closing.window_ms ?? 0;
    this.about = el('p', { class: 'about' });
    this.price = el('p', { class: 'huge' });
    this.leader = el('p', { class: 'leader' });
    this.clock = el('p', { class: 'clock' });
    this.node = el(
      'section',
      { class: 'lot', 'aria-label': item.name },
      entry?.picture && el('img', { src: entry.picture, alt: '' }),
      el('div', {}, el('h2', {}, item.name), this.about, this.price, this.leader, this.clock),
    );
  }

  /** @param {number} now room time @param {Fallen} [fallen] while that is shown */
  draw(now, fallen) {
    const { item } = this;
    const left = item.state === 'open' && item.ends_at !== null ? item.ends_at - now : Infinity;
    const called = left === Infinity ? '' : call(left, this.window, item.leader !== null);
    fit(this.about, fallen?.about ?? aboutWords(item));
    fit(this.price, this.money.format(fallen?.price ?? item.price ?? item.starting_price));
    fit(this.leader, fallen?.leader ?? item.leader ?? t.hall.noBid);
    // Who is asked to bid first need not be told that it waits for the first bid.
    fit(this.clock, fallen?.words ?? (item.state === 'open' && left === Infinity && !item.stopped ? '' : clockWords(item, left, now, called)));
    setAttr(this.node, 'data-call', fallen ? 'fallen' : called);
  }
}

const main = byId('main');
new Hall(await findRoom(main), main);

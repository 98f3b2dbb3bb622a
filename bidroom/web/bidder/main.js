/**
 * The bidder's page: everything that a phone needs to be a paddle.
 *
 * Data flows one way: the session tells what has happened, `mine` and the view know what follows from it, and what has
 * changed is drawn once before the next picture, however many updates came.
 */

import { fetchEntries, findRoom, get, roomPath, takeSecret } from '../room/rooms.js';
import { Memory } from '../room/memory.js';
import { Session } from '../room/session.js';
import { locale, t } from '../texts.js';
import { button, byId, el, fill, joined, onceAFrame, setText, whenNew } from '../ui/dom.js';
import { followLink, news, settings } from '../ui/frame.js';
import { Money } from '../ui/money.js';
import { signal, speak } from '../ui/attention.js';
import { entrance } from './entrance.js';
import { ItemList } from './list.js';
import { Mine } from './mine.js';
import { purchasesLine } from './purchases.js';

const TICK_MS = 250;
const TOUCH_MS = 1_000;
const LONG_MS = 3_000;

export class App {
  /** @type {Map<string, Description>} */
  entries = new Map();
  #catalogue = '';
  #known = '';
  #touchedAt = 0;
  #shiftedAt = 0;
  /** @type {{box: HTMLDialogElement, draw: () => void, take: (event: RoomEvent) => void} | null} */
  #details = null;
  #ifNewOffers = whenNew();

  /** @param {RoomLine} room @param {HTMLElement} main */
  constructor(room, main) {
    this.room = room;
    this.money = new Money(room.currency, room.decimals, locale);
    const memory = new Memory(room.id);
    this.session = new Session(room.id, firstEntry(memory), memory);
    this.mine = new Mine(this.session);
    this.list = new ItemList(this);
    this.news = news(this.session);
    this.entrance = entrance(room, (who) => this.#join(who));
    this.purchases = purchasesLine(this);
    this.you = el('p', { class: 'you' });
    this.offers = el('div', { class: 'offers' });
    this.draw = onceAFrame(() => this.#draw());
    byId('bar').append(settings(this.#leaving()));
    main.replaceChildren(this.news.node, this.offers, this.entrance.node, el('div', { class: 'me' }, this.you, this.purchases.node), this.list.node);
    followLink(this.session);
    this.#follow();
    this.session.start();
  }

  /** @param {string} item ms */
  windowOf(item) {
    return this.entries.get(item)?.closing.window_ms ?? 0;
  }

  /** When something last moved on the page, by performance.now(): whatever grows or goes away changes its height. */
  shiftedAt() {
    return this.#shiftedAt;
  }

  /** One tap. @param {Item} item @param {number} amount */
  bid(item, amount) {
    if (this.session.you) this.ask({ type: 'bid', item: item.id, unit: item.unit, amount });
    else {
      this.list.say(item.id, t.joinFirst, 'bad');
      this.entrance.input.focus();
    }
  }

  /** One thing at a time on an item: what comes while that is on its way is a second tap. @param {any} command */
  ask(command) {
    if (this.session.outbox.of(command.item)) return;
    this.session.ask(command);
    this.list.say(command.item, t.onItsWay(command.amount ? this.money.format(command.amount) : ''), 'busy');
    setTimeout(() => this.session.outbox.of(command.item) && this.list.say(command.item, t.stillOnItsWay, 'busy'), LONG_MS);
    this.#changed(command.item);
  }

  /** @param {string} id */
  async open(id) {
    const item = this.session.view?.items.get(id);
    if (!item) return;
    const { openDetails } = await import('./details.js');
    this.#details = openDetails(this, item);
    this.#details.box.addEventListener('close', () => (this.#details = null));
  }

  /** @param {Item} item */
  closing(item) {
    signal('closing');
    speak(`closing ${item.id}`, t.closing(item.name));
  }

  #follow() {
    const { session } = this;
    session.on('welcome', () => void this.#welcomed());
    session.on('events', (events) => this.#take(events));
    session.on('shown', () => {
      this.#shown();
      void this.#describe();
    });
    session.on('link', () => this.#shown());
    session.on('answer', (command, answer) => this.#answered(command, answer));
    session.on('denied', (reason, message) => this.#denied(reason, message));
    for (const touch of ['pointerdown', 'pointermove', 'keydown']) {
      addEventListener(touch, () => (this.#touchedAt = performance.now()), { passive: true });
    }
    new ResizeObserver(() => (this.#shiftedAt = performance.now())).observe(byId('main'));
    setInterval(() => {
      if (!document.hidden) this.list.tick(performance.now() - this.#touchedAt > TOUCH_MS);
    }, TICK_MS);
  }

  async #welcomed() {
    const { view, you } = this.session;
    if (!view) return;
    this.mine.welcomed();
    this.entrance.node.hidden = Boolean(you);
    if (you) this.entrance.say('');
    if (you && this.#known !== you.name) void this.#fetchPurchases(you.name);
    document.title = `${view.name} · Bidroom`;
    setText(byId('room-name'), view.name);
    this.#shown();
    await this.#describe();
  }

  /** The descriptions, once for each content of the catalogue; then the cards. */
  async #describe() {
    const wanted = this.session.view?.catalogue ?? '';
    if (wanted !== this.#catalogue) {
      this.#catalogue = wanted;
      this.entries = await fetchEntries(this.room.id);
    }
    await this.list.fill();
  }

  /** What was bought before this page was there. @param {string} name */
  async #fetchPurchases(name) {
    this.#known = name;
    const report = await get(roomPath(this.room.id, 'purchases')).catch(() => null);
    this.mine.add(report?.purchases ?? []);
    this.#shown();
  }

  /** @param {RoomEvent[]} events */
  #take(events) {
    for (const event of events) {
      this.#tellMe(event);
      this.mine.take(event);
      this.#details?.take(event);
      if (event.type === 'item_added') {
        this.#catalogue = '';
        void this.#describe();
      }
      if (event.item) this.list.touch(event.item);
      else this.list.touchAll();
      if (event.next_item) this.list.touch(event.next_item);
      for (const round of event.rounds ?? []) this.list.touch(round.item);
    }
    this.draw();
  }

  /** What of this concerns me, before `mine` knows of it. @param {RoomEvent} event */
  #tellMe(event) {
    const { mine, money } = this;
    const item = this.session.view?.items.get(event.item);
    if (!item || mine.name === undefined) return;
    const isMine = mine.rounds[item.id] === event.unit;
    const isMe = event.bidder === mine.name;
    if (event.type === 'bid_accepted' && isMine && !isMe) {
      this.#news('outbid', item, t.outbid(item.name, money.format(event.amount)), 'bad');
    } else if (event.type === 'unit_sold' && isMe) {
      this.#news('won', item, t.won(item.name, money.format(event.amount)), 'good');
    } else if (event.type === 'unit_sold' && isMine) {
      this.list.say(item.id, t.lost(item.name, money.format(event.amount), event.bidder), '');
    } else if (event.type === 'bid_voided' && isMine) {
      this.list.say(item.id, t.voided(item.name), '');
    } else if (event.type === 'sale_cancelled' && isMe) {
      this.list.say(item.id, t.saleCancelled(item.name), 'bad');
    } else if (event.type === 'round_opened') {
      this.list.say(item.id, '', '');
    }
  }

  /** @param {'outbid' | 'won'} kind @param {Item} item @param {string} text @param {'good' | 'bad'} mood */
  #news(kind, item, text, mood) {
    this.list.say(item.id, text, mood);
    signal(kind);
    speak(item.id, text);
  }

  /** @param {Command} command @param {Answer} answer */
  #answered(command, answer) {
    const item = this.session.view?.items.get(command.item);
    const amount = command.amount ? this.money.format(command.amount) : '';
    if (answer.type === 'accepted') {
      this.mine.counted(command);
      const counted = { max_bid: t.countedMax, cancel_max: () => t.countedCancel };
      const text = (/** @type {Record<string, (amount: string) => string>} */ (counted)[command.type] ?? t.counted)(amount);
      this.list.say(command.item, text, 'good');
      speak(command.item, text);
    } else {
      const reason = answer.reason ?? '';
      const minimum = this.money.format(answer.minimum ?? item?.minimum ?? 0);
      const known = reason in t.refused ? reason : 'other';
      const text = t.refused[/** @type {'too_low'} */ (known)](known === 'other' ? reason : minimum);
      this.list.say(command.item, text, 'bad');
      speak(command.item, text);
    }
    this.#changed(command.item);
  }

  /** @param {string} reason @param {string} message */
  #denied(reason, message) {
    if (reason === 'forked') {
      const again = button(t.startAfresh, () => location.reload(), '');
      byId('main').prepend(el('div', { class: 'news bad', role: 'alert' }, el('p', {}, t.forked), again));
      return;
    }
    if (reason === 'removed') this.session.memory.forget();
    this.entrance.node.hidden = false;
    this.entrance.say(/** @type {Record<string, string>} */ (t.denied)[reason] ?? message);
    // Who was looking on before still does.
    if (this.session.online) this.session.entry = { kind: 'watch' };
    else if (this.session.entry.kind === 'join') this.session.enter({ kind: 'watch' });
  }

  /** @param {{name?: string, code?: string}} who */
  #join(who) {
    if (who.name) this.session.memory.keep({ name: who.name });
    this.session.enter({ kind: 'join', ...who });
  }

  #leaving() {
    const leave = () => {
      this.session.memory.forget();
      location.reload();
    };
    return el('div', { class: 'panel' }, el('p', { class: 'hint' }, t.leaveHint), button(t.leave, leave));
  }

  /** @param {string} item */
  #changed(item) {
    this.list.touch(item);
    this.draw();
  }

  #shown() {
    this.list.touchAll();
    this.draw();
  }

  #draw() {
    const { you } = this.session;
    this.list.draw();
    this.news.draw();
    this.purchases.draw();
    this.#details?.draw();
    const budget = you?.budget === undefined ? '' : `${t.left}: ${this.money.format(you.budget - this.mine.total - this.mine.leadingAt)}`;
    setText(this.you, joined(you ? you.name : t.watching, budget));
    this.#drawOffers();
  }

  #drawOffers() {
    const offers = (this.session.view?.offers ?? []).filter((offer) => offer.bidder === this.mine.name);
    this.#ifNewOffers(offers, () => fill(this.offers, offers.map((offer) => this.#offerPanel(offer))));
  }

  /** @param {Offer} offer */
  #offerPanel({ item: id, unit, amount }) {
    const answer = (/** @type {boolean} */ accept) => this.ask({ type: 'answer_offer', item: id, unit, accept });
    const name = this.session.view?.items.get(id)?.name ?? id;
    return el(
      'div',
      { class: 'news', role: 'status' },
      el('p', {}, t.offered(name, this.money.format(amount))),
      button(t.take, () => answer(true), ''),
      button(t.decline, () => answer(false)),
    );
  }
}

/** By an invitation's link, by the token of before, or to look on. @param {Memory} memory */
function firstEntry(memory) {
  const code = takeSecret('code');
  const { token } = memory.bidder;
  if (code) return /** @type {const} */ ({ kind: 'join', code });
  return token ? /** @type {const} */ ({ kind: 'join', token }) : /** @type {const} */ ({ kind: 'watch' });
}

const main = byId('main');
new App(await findRoom(main), main);

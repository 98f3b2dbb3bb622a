/** The dialog of one item: all about it, another amount, a maximum, the fixed price, how the price came about. */

import { t } from '../texts.js';
import { button, dialog, el, field, fill, form, joined, onceAFrame, setText, whenNew } from '../ui/dom.js';
import { stepLine } from '../ui/steps.js';
import { aboutWords, priceWords } from '../ui/words.js';
import { get, roomPath } from '../room/rooms.js';

/** Open it; gives what is to be called when the item has changed. @param {App} app @param {Item} item */
export function openDetails(app, item) {
  const entry = app.entries.get(item.id);
  const status = el('div', { class: 'status' }, el('p', { class: 'price' }), el('p', { class: 'about' }));
  const forms = el('div', { class: 'forms' });
  const past = new Past(app, item);
  const box = dialog(
    item.name,
    t.close,
    entry?.picture && el('img', { class: 'large', src: entry.picture, alt: '' }),
    el('p', { class: 'description' }, entry?.description ?? ''),
    facts(app, item),
    status,
    forms,
    past.node,
  );
  box.classList.add('details');
  const ifNew = whenNew();
  const draw = () => {
    drawStatus(app, item, status);
    const now = [item.state, item.unit, item.buy_now, app.mine.standing(item), canBid(app), app.mine.maximums.get(item.id)?.amount];
    // Nobody loses what they are typing to a bid of somebody else.
    ifNew(now, () => fill(forms, formsFor(app, item)));
    forms.querySelectorAll('form').forEach((form) => form.dispatchEvent(new Event('explain')));
  };
  draw();
  void past.fetch();
  return { box, draw, take: (/** @type {RoomEvent} */ event) => past.take(event) };
}

/** @param {App} app */
const canBid = (app) => Boolean(app.session.you) && app.session.online;

/** @param {App} app @param {Item} item */
function facts(app, item) {
  const entry = app.entries.get(item.id);
  const told = [
    entry?.category && `${t.category}: ${entry.category}`,
    entry?.seller && `${t.seller}: ${entry.seller}`,
    entry?.units_each && t.eachMayBuy(entry.units_each),
  ];
  return el('p', { class: 'about' }, joined(...told));
}

/** @param {App} app @param {Item} item @param {HTMLElement} status */
function drawStatus(app, item, status) {
  const standing = app.mine.standing(item);
  const [label, who] = priceWords(item);
  const price = `${label} ${app.money.format(item.price ?? item.starting_price)}`;
  const [first, second] = status.children;
  setText(first, joined(price, who, t.states[standing]));
  setText(second, aboutWords(item));
  status.dataset.standing = standing;
}

/** @param {App} app @param {Item} item */
function formsFor(app, item) {
  if (item.state === 'finished') return [];
  if (!app.session.you) return [el('p', { class: 'hint' }, t.joinFirst)];
  if (!app.session.online) return [el('p', { class: 'hint' }, t.offlineFirst)];
  const open = item.state === 'open' && !item.stopped;
  const leading = app.mine.standing(item) === 'leading';
  return [
    leading && el('p', { class: 'hint' }, t.youLead),
    !open && el('p', { class: 'hint' }, t.notOpen),
    open && !leading && amountForm(app, item),
    open && item.buy_now && buyNow(app, item, item.buy_now),
    maximumForm(app, item),
  ];
}

/** @param {App} app @param {Item} item */
function amountForm(app, item) {
  const unit = item.unit;
  return priceForm(app, item, t.another, {
    least: () => item.minimum,
    button: (amount) => t.bid(amount),
    means: (amount) => t.meansBid(amount),
    send: (amount) => app.ask({ type: 'bid', item: item.id, unit, amount }),
  });
}

/** @param {App} app @param {Item} item */
function maximumForm(app, item) {
  const mine = app.mine.maximums.get(item.id);
  const units = el('input', { type: 'number', min: 1, max: item.units, value: mine?.units ?? 1, inputmode: 'numeric' });
  const count = () => Math.max(1, Math.floor(Number(units.value)) || 1);
  const leading = app.mine.standing(item) === 'leading';
  const form = priceForm(app, item, t.maximum, {
    least: () => (leading ? (item.price ?? item.minimum) : item.minimum),
    button: (amount) => t.setMaximum(amount),
    means: (amount) => [t.meansMaximum(amount), item.units > 1 ? t.meansUnits(count()) : ''].join(' '),
    send: (amount) => app.ask({ type: 'max_bid', item: item.id, amount, units: count() }),
  });
  if (item.units > 1) form.querySelector('.field')?.after(field(t.units, units));
  if (mine) {
    const cancel = () => app.ask({ type: 'cancel_max', item: item.id });
    form.append(
      el('p', { class: 'hint' }, t.yourMaximum(app.money.format(mine.amount), mine.units)),
      button(t.cancelMaximum, cancel),
    );
  }
  return form;
}

/**
 * A form for one amount, which says what the amount would mean before it is sent.
 * @param {App} app @param {Item} item @param {string} title
 * @param {{least: () => number, button: (amount: string) => string, means: (amount: string) => string,
 *   send: (amount: number) => void}} what
 */
function priceForm(app, item, title, what) {
  const input = el('input', { type: 'text', inputmode: 'decimal', autocomplete: 'off' });
  const meaning = el('p', { class: 'meaning' });
  const send = el('button', { type: 'submit' });
  const typed = () => app.money.parse(input.value);
  const explain = () => {
    const amount = typed();
    const least = app.money.format(what.least());
    input.placeholder = t.atLeast(least);
    const fits = amount !== null && amount >= what.least();
    const empty = !input.value.trim();
    const wrong = empty ? '' : amount === null ? t.badAmount : t.tooLow(least);
    setText(meaning, fits ? what.means(app.money.format(amount)) : wrong);
    setText(send, what.button(fits ? app.money.format(amount) : '…'));
    send.disabled = !fits || Boolean(app.session.outbox.of(item.id));
  };
  const submit = () => {
    const amount = typed();
    if (amount === null || amount < what.least()) return;
    what.send(amount);
    input.value = '';
    explain();
  };
  const node = form('panel', submit, el('h3', {}, title), field(t.amount(app.room.currency), input), meaning, send);
  for (const asked of ['input', 'explain']) node.addEventListener(asked, explain);
  explain();
  return node;
}

/** @param {App} app @param {Item} item @param {number} price */
function buyNow(app, item, price) {
  const amount = app.money.format(price);
  const unit = item.unit;
  const sure = () => {
    const go = () => {
      box.close();
      app.ask({ type: 'buy_now', item: item.id, unit });
    };
    const box = dialog(t.buyNow(amount), t.cancel, el('p', {}, t.sureBuyNow(item.name, amount)));
    box.append(button(t.buyNow(amount), go, ''));
  };
  const buy = button(t.buyNow(amount), sure, '');
  return el('div', { class: 'panel' }, el('p', { class: 'meaning' }, t.meansBuyNow), buy);
}

/** The bids of the round, fetched once and then followed. */
class Past {
  /** @type {Step[]} */
  #bids = [];
  node = el('section', { class: 'past' });

  /** @param {App} app @param {Item} item */
  constructor(app, item) {
    this.app = app;
    this.item = item;
    this.draw = onceAFrame(() => this.#draw());
  }

  async fetch() {
    const path = roomPath(this.app.room.id, `items/${encodeURIComponent(this.item.id)}/bids`);
    this.#bids = await get(path).catch(() => []);
    this.draw();
  }

  /** @param {RoomEvent} event */
  take(event) {
    if (event.item !== this.item.id) return;
    if (event.type === 'round_opened') this.#bids = [];
    if (event.type === 'bid_voided') void this.fetch();
    const last = this.#bids[this.#bids.length - 1];
    if (event.type === 'bid_accepted' && event.seq > (last?.seq ?? 0)) this.#bids.push(/** @type {any} */ (event));
    this.draw();
  }

  #draw() {
    const title = el('h3', {}, t.history);
    if (!this.#bids.length) {
      this.node.replaceChildren(title, el('p', { class: 'hint' }, t.noHistory));
      return;
    }
    const bids = this.#bids;
    const last = bids[bids.length - 1];
    const format = (/** @type {number} */ amount) => this.app.money.format(amount);
    const words = t.historyWords(bids.length, format(bids[0].amount), format(last.amount));
    const end = this.item.state === 'open' ? this.app.session.time.now() : last.at;
    const lines = bids.slice(-5).map((bid) => el('li', {}, `${format(bid.amount)} ${t.by(bid.bidder)}`));
    const latest = el('ol', { class: 'latest' }, lines.reverse());
    this.node.replaceChildren(title, stepLine(bids, end, words), el('p', { class: 'hint' }, words), latest);
  }
}

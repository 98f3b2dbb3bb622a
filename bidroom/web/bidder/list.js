/**
 * The items, in the order of the sale, which never changes: what a finger is about to touch must not move. Search and
 * filters hide items; what begins or ends to fit a filter by itself is taken in when nobody is touching the page.
 */

import { t } from '../texts.js';
import { el, setText } from '../ui/dom.js';
import { ItemCard } from './card.js';

const SOON_MS = 120_000;
const AT_ONCE = 40;

/** @typedef {keyof typeof t.filters} Filter */
/** @typedef {Parameters<ItemCard['say']>[1]} Mood */

export class ItemList {
  /** @type {Map<string, ItemCard>} */
  #cards = new Map();
  /** What was said about items without a card yet. @type {Map<string, [string, Mood]>} */
  #unsaid = new Map();
  /** @type {Set<string>} */
  #dirty = new Set();
  /** @type {Filter} */
  #filter = 'all';

  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.search = el('input', { type: 'search', placeholder: t.search, 'aria-label': t.search, oninput: () => this.refilter() });
    this.chips = el('div', { class: 'chips', role: 'group', 'aria-label': t.filter });
    this.count = el('p', { class: 'count', role: 'status' });
    this.grid = el('div', { class: 'grid', role: 'list', 'aria-label': t.items });
    this.none = el('p', { class: 'nothing', hidden: true }, t.nothing);
    this.node = el('section', { class: 'items', 'aria-label': t.items });
    this.node.append(el('div', { class: 'find' }, this.search, this.chips, this.count), this.grid, this.none);
  }

  /** Show these items, a few dozen at a time, so that a long list never stops the page. */
  async fill() {
    const items = [...this.#items()].filter((item) => !this.#cards.has(item.id));
    if (!this.#cards.size) this.#begin(items);
    for (let n = 0; n < items.length; n += AT_ONCE) {
      // While this waits, another call may go ahead of it.
      const missing = items.slice(n, n + AT_ONCE).filter((item) => !this.#cards.has(item.id));
      const cards = missing.map((item) => this.#card(item));
      this.grid.append(...cards);
      this.refilter();
      await new Promise((go) => setTimeout(go));
    }
    this.refilter();
  }

  /** Say it on the card of an item, as soon as there is one. @param {string} item @param {string} text @param {Mood} mood */
  say(item, text, mood) {
    const card = this.#cards.get(item);
    if (card) card.say(text, mood);
    else this.#unsaid.set(item, [text, mood]);
  }

  /** @param {string} item */
  touch(item) {
    this.#dirty.add(item);
  }

  touchAll() {
    for (const item of this.#cards.keys()) this.#dirty.add(item);
  }

  /** Draw what has changed. */
  draw() {
    for (const item of this.#dirty) this.#cards.get(item)?.draw();
    this.#dirty.clear();
  }

  /** Every quarter of a second. @param {boolean} calm nobody is touching the page */
  tick(calm) {
    for (const card of this.#cards.values()) if (!card.hidden && card.item.state !== 'finished') card.tick();
    if (calm && this.#filter !== 'all') this.refilter();
  }

  refilter() {
    const words = this.search.value.trim().toLocaleLowerCase();
    const items = [...this.#items()];
    const current = this.#filter === 'now' ? onNow(items) : null;
    let shown = 0;
    for (const item of items) {
      const card = this.#cards.get(item.id);
      if (!card) continue;
      const fits = (current ? current.has(item.id) : this.#fits(item)) && this.#matches(item, words);
      card.hidden = !fits;
      shown += Number(fits);
    }
    setText(this.count, t.shown(shown, items.length));
    this.none.hidden = shown > 0;
  }

  #items() {
    return this.app.session.view?.items.values() ?? [];
  }

  /** @param {Item} item */
  #card(item) {
    const card = new ItemCard(this.app, item);
    card.setAttribute('role', 'listitem');
    card.say(...(this.#unsaid.get(item.id) ?? /** @type {[string, Mood]} */ (['', ''])));
    this.#cards.set(item.id, card);
    return card;
  }

  /** In a saleroom, one after another, what is on now is what people look for. @param {Item[]} items */
  #begin(items) {
    const open = items.filter((item) => item.state === 'open').length;
    const left = items.filter((item) => item.state !== 'finished').length;
    this.#filter = items.length > 8 && left && open * 4 < items.length ? 'now' : 'all';
    const chips = Object.entries(t.filters).map(([filter, words]) =>
      el('button', { type: 'button', 'aria-pressed': String(filter === this.#filter), onclick: () => this.#choose(filter) }, words),
    );
    this.chips.replaceChildren(...chips);
  }

  /** @param {string} filter */
  #choose(filter) {
    this.#filter = /** @type {Filter} */ (filter);
    const filters = Object.keys(t.filters);
    [...this.chips.children].forEach((chip, n) => chip.setAttribute('aria-pressed', String(filters[n] === filter)));
    this.refilter();
  }

  /** @param {Item} item */
  #fits(item) {
    if (this.#filter === 'mine') return this.app.mine.concerns(item);
    if (this.#filter === 'open') return item.state === 'open';
    if (this.#filter === 'soon') {
      return item.state === 'open' && item.ends_at !== null && item.ends_at - this.app.session.time.now() < SOON_MS;
    }
    return true;
  }

  /** @param {Item} item @param {string} words */
  #matches(item, words) {
    const entry = this.app.entries.get(item.id);
    return !words || `${item.name} ${entry?.category ?? ''} ${entry?.description ?? ''}`.toLocaleLowerCase().includes(words);
  }
}

/** What is open or opens by the clock, else what comes next. @param {Item[]} items */
function onNow(items) {
  const left = items.filter((item) => item.state !== 'finished');
  const current = left.filter((item) => item.state === 'open' || item.opens_at !== null);
  return new Set((current.length ? current : left.slice(0, 1)).map((item) => item.id));
}

/**
 * One item in the list. It draws only what has changed, and its button bids exactly the amount that was on it when the
 * finger came down: where that has just changed, nothing is bid and the page says why.
 */

import { t } from '../texts.js';
import { button, el, joined, setAttr, setText } from '../ui/dom.js';
import { speak } from '../ui/attention.js';
import { aboutWords, call, clockWords, priceWords } from '../ui/words.js';

/** How long what is under a finger must have stood still for a tap to be meant. */
const CALM_MS = 400;

export class ItemCard extends HTMLElement {
  /** What is on the button, and since when: it changes whenever a tap would mean something else. */
  #drawn = '';
  #changedAt = 0;
  /** What the finger came down on; null where something else than a finger or a key presses. @type {string | null} */
  #pressed = null;
  /** The deadline whose calls have begun. */
  #called = NaN;

  /** @param {App} app @param {Item} item */
  constructor(app, item) {
    super();
    this.app = app;
    this.item = item;
    const entry = app.entries.get(item.id);
    const more = () => app.open(item.id);
    this.nameNode = button(item.name, more, 'name');
    this.about = el('p', { class: 'about' });
    this.badge = el('p', { class: 'badge' });
    this.label = el('span', { class: 'label' });
    this.price = el('span', { class: 'amount' });
    this.who = el('span', { class: 'who' });
    this.clock = el('p', { class: 'clock' });
    this.bidButton = el('button', {
      class: 'bid',
      type: 'button',
      onpointerdown: () => (this.#pressed = this.#drawn),
      onkeydown: () => (this.#pressed = this.#drawn),
      onclick: () => this.#tapped(),
    });
    this.moreButton = button(t.more, more, 'quiet', t.details(item.name));
    this.said = el('p', { class: 'said' });
    this.append(
      picture(entry, more),
      el('div', { class: 'what' }, el('h3', {}, this.nameNode), this.about, this.badge),
      el('p', { class: 'price' }, this.label, ' ', this.price, ' ', this.who),
      this.clock,
      el('div', { class: 'actions' }, this.bidButton, this.moreButton),
      this.said,
    );
    this.draw();
  }

  /** Everything that follows from the room; the time is drawn by `tick`. */
  draw() {
    const { item, app } = this;
    const standing = app.mine.standing(item);
    setAttr(this, 'data-state', item.state);
    setAttr(this, 'data-standing', standing);
    setText(this.nameNode, item.name);
    setText(this.about, aboutWords(item));
    setText(this.badge, badgeWords(app, item));
    this.#drawPrice();
    this.#drawButton(standing);
    this.tick();
  }

  /** The countdown. */
  tick() {
    const { item, app } = this;
    const now = app.session.time.now();
    const left = item.state === 'open' && item.ends_at !== null ? item.ends_at - now : Infinity;
    const called = left === Infinity ? '' : call(left, app.windowOf(item.id), item.leader !== null);
    setAttr(this.clock, 'data-call', called);
    setText(this.clock, clockWords(item, left, now, called));
    const calls = called === 'once' || called === 'twice';
    if (calls && this.#called !== item.ends_at && app.mine.concerns(item)) app.closing(item);
    if (calls) this.#called = item.ends_at ?? NaN;
  }

  /** @param {string} text @param {'good' | 'bad' | 'busy' | 'moved' | ''} kind */
  say(text, kind) {
    setText(this.said, text);
    setAttr(this.said, 'data-kind', kind);
  }

  #drawPrice() {
    const { item, app } = this;
    const [label, who] = priceWords(item);
    setText(this.label, label);
    setText(this.price, app.money.format(item.price ?? item.starting_price));
    setText(this.who, who);
  }

  /** @param {string} standing */
  #drawButton(standing) {
    const { item, app } = this;
    const pending = app.session.outbox.of(item.id);
    const amount = app.money.format(item.minimum);
    const open = item.state === 'open' && !item.stopped;
    this.bidButton.disabled = !open || standing === 'leading' || !app.session.online || Boolean(pending);
    const words = pending ? t.onItsWay('') : standing === 'leading' ? t.states.leading : t.bid(amount);
    setText(this.bidButton, words);
    setAttr(this.bidButton, 'aria-label', pending || standing === 'leading' ? null : t.bidFor(item.name, amount));
    this.bidButton.hidden = !open;
    const offer = this.#offer;
    if (offer === this.#drawn) return;
    this.#drawn = offer;
    this.#changedAt = performance.now();
    if (this.said.dataset.kind === 'moved') this.say('', '');
  }

  /** What a tap would do now. */
  get #offer() {
    const { disabled, textContent } = this.bidButton;
    return [this.item.unit, this.item.minimum, disabled, textContent].join();
  }

  #tapped() {
    const { item, app } = this;
    const pressed = this.#pressed ?? this.#drawn;
    this.#pressed = null;
    const isCalm = (/** @type {number} */ since) => performance.now() - since >= CALM_MS;
    // What came in since the last picture is in the item already, but nobody has seen it on the button.
    const moved = pressed !== this.#offer || !isCalm(this.#changedAt);
    const why = moved ? t.moved(app.money.format(item.minimum)) : isCalm(app.shiftedAt()) ? '' : t.shifted;
    if (why) {
      this.say(why, 'moved');
      speak(item.id, why);
    } else app.bid(item, item.minimum);
  }
}

customElements.define('item-card', ItemCard);

/** @param {Description | undefined} entry @param {() => void} more */
function picture(entry, more) {
  if (!entry?.picture) return '';
  const image = el('img', { src: entry.picture, alt: '', loading: 'lazy', decoding: 'async' });
  const place = el('div', { class: 'picture', onclick: more }, image);
  image.addEventListener('error', () => place.remove());
  return place;
}

/** @param {App} app @param {Item} item */
function badgeWords(app, item) {
  const standing = app.mine.standing(item);
  const won = app.mine.wonOf(item.id);
  const maximum = app.mine.maximums.get(item.id);
  const words = [
    standing === 'won' ? '' : t.states[standing],
    won ? t.states.wonUnits(won) : '',
    maximum ? t.states.maximum(app.money.format(maximum.amount)) : '',
  ];
  return joined(...words);
}

/**
 * The room as the server told it: a fold of its messages, which applies no rule of its own. `items` is the room after
 * event `seq`, whose hash is `head`; an update that doesn't follow on it is a gap, and nothing is folded.
 */

/** @type {Record<string, (view: View, event: RoomEvent, item: Item) => void>} */
const FOLDS = {
  item_added(view, { terms, opens_at }) {
    view.items.set(terms.id, {
      id: terms.id,
      name: terms.name,
      state: 'between',
      unit: 0,
      units: terms.units,
      units_left: terms.units,
      starting_price: terms.starting_price,
      price: null,
      leader: null,
      minimum: terms.starting_price,
      ends_at: null,
      opens_at,
      reserve: terms.reserve ? 'not_met' : '',
      buy_now: null,
      bid: null,
      paused: false,
      stopped: view.paused,
    });
    view.finished = false;
  },
  round_opened(_view, { unit, minimum, ends_at, reserve = '', buy_now = null }, item) {
    const fresh = { price: null, leader: null, opens_at: null, bid: null };
    Object.assign(item, { state: 'open', unit, minimum, ends_at, reserve, buy_now, ...fresh });
  },
  bid_accepted(_view, { seq, amount, bidder, minimum, ends_at, reserve = '' }, item) {
    Object.assign(item, { price: amount, leader: bidder, minimum, ends_at, reserve, buy_now: null, bid: seq });
  },
  bid_voided(_view, { amount, leader, minimum, ends_at, reserve = '', buy_now = null, standing }, item) {
    ends_at = item.stopped ? null : ends_at;
    Object.assign(item, { price: amount, leader, minimum, ends_at, reserve, buy_now, bid: standing });
  },
  unit_sold(view, event, item) {
    if (event.how === 'offer') {
      view.settleOffer(event);
      return;
    }
    const { opens_at } = event;
    item.units_left -= 1;
    Object.assign(item, { state: 'between', ends_at: null, bid: null, opens_at, minimum: item.starting_price });
  },
  sale_cancelled(_view, _event, item) {
    item.units_left += 1;
  },
  offer_made(view, { item: id, unit, bidder, amount }, item) {
    item.units_left -= 1;
    view.offers = [...view.offers, { item: id, unit, bidder, amount }];
  },
  offer_declined(view, event, item) {
    item.units_left += 1;
    view.settleOffer(event);
  },
  item_finished(view, { next_item, opens_at = null }, item) {
    const over = { ends_at: null, opens_at: null, buy_now: null, bid: null, paused: false, stopped: false };
    Object.assign(item, { state: 'finished', minimum: item.starting_price, ...over });
    const next = view.items.get(next_item);
    if (next) next.opens_at = next.stopped ? null : opens_at;
  },
  item_reopened(view, { opens_at }, item) {
    Object.assign(item, { state: 'between', opens_at, minimum: item.starting_price });
    view.finished = false;
  },
  room_finished(view) {
    view.finished = true;
  },
  room_closing(view) {
    view.closing = true;
  },
  paused(view, event, item) {
    if (event.item === null) view.paused = true;
    else item.paused = true;
    for (const each of view.meant(event)) {
      Object.assign(each, { stopped: each.state !== 'finished', ends_at: null, opens_at: null });
    }
  },
  resumed(view, event, item) {
    if (event.item === null) view.paused = false;
    else item.paused = false;
    for (const each of view.meant(event)) each.stopped = Boolean(each.paused) || view.paused;
    view.moveDeadlines(event);
  },
  deadlines_moved(view, event) {
    view.moveDeadlines(event);
  },
  announced(view, { text, at, by }) {
    view.announcement = { text, at, by };
  },
};

export class View {
  /** @type {Map<string, Item>} */
  items = new Map();
  /** @type {Offer[]} */
  offers = [];
  /** @type {{text: string, at: number, by: string} | null} */
  announcement = null;
  finished = false;
  paused = false;
  closing = false;
  catalogue = '';
  seq = 0;
  head = '';

  /** @param {any} room @param {number} seq @param {string} head */
  constructor(room, seq, head) {
    this.id = room.id;
    this.name = room.name;
    this.currency = room.currency;
    this.decimals = room.decimals;
    this.show(room, seq, head);
  }

  /** The whole room, in place of what was known. @param {any} room @param {number} seq @param {string} head */
  show(room, seq, head) {
    for (const shown of room.items) {
      const stopped = Boolean(shown.paused) || Boolean(room.paused);
      const absent = { reserve: '', buy_now: null, bid: null, paused: false };
      this.items.set(shown.id, Object.assign(this.items.get(shown.id) ?? {}, absent, shown, { stopped }));
    }
    this.finished = room.finished;
    this.paused = Boolean(room.paused);
    this.closing = Boolean(room.closing);
    this.offers = room.offers ?? [];
    this.announcement = room.announcement ?? null;
    this.catalogue = room.catalogue;
    this.seq = seq;
    this.head = head;
  }

  /** Take in one batch; false where it doesn't follow. @param {{first: number, seq: number, head: string, events: RoomEvent[]}} update */
  update({ first, seq, head, events }) {
    if (first !== this.seq + 1) return false;
    for (const event of events) {
      // What this page doesn't know, a later server may tell: it changes nothing here.
      FOLDS[event.type]?.(this, event, /** @type {Item} */ (this.items.get(event.item)));
    }
    this.seq = seq;
    this.head = head;
    return true;
  }

  /** @param {RoomEvent} event */
  meant(event) {
    const item = this.items.get(event.item);
    return item ? [item] : [...this.items.values()];
  }

  /** @param {RoomEvent} event */
  moveDeadlines(event) {
    for (const { item: id, ends_at, opens_at } of event.rounds) {
      const item = this.items.get(id);
      if (item) Object.assign(item, { ends_at, opens_at: opens_at ?? null });
    }
  }

  /** @param {RoomEvent} event */
  settleOffer(event) {
    this.offers = this.offers.filter((offer) => offer.item !== event.item || offer.unit !== event.unit);
  }
}

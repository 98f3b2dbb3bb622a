/**
 * What concerns this bidder: in which rounds they bid, what they bought, their maximums and budget. It follows the events
 * of the room and the answers to their own commands.
 */

export class Mine {
  /** @type {Map<number, Purchase>} */
  purchases = new Map();
  /** @type {Map<string, {amount: number, units: number}>} */
  maximums = new Map();
  /** @type {Set<number>} */
  #cancelled = new Set();

  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    /** In which unit's round this bidder has bid, by item. @type {Record<string, number>} */
    this.rounds = {};
  }

  get name() {
    return this.session.you?.name;
  }

  /** The server has said who I am. */
  welcomed() {
    this.rounds = this.session.memory.bidder.rounds ?? {};
    const maximums = this.session.you?.maximums ?? [];
    this.maximums = new Map(maximums.map(({ item, amount, units }) => [item, { amount, units }]));
  }

  /** @param {RoomEvent} event */
  take(event) {
    const isMe = event.bidder !== undefined && event.bidder === this.name;
    if (event.type === 'bid_accepted' && isMe) this.#bidIn(event.item, event.unit);
    if (event.type === 'unit_sold' && isMe) this.#bought(event);
    if (event.type === 'item_finished') this.maximums.delete(event.item);
    if (event.type === 'bid_voided' && isMe) this.maximums.delete(event.item);
    if (event.type === 'sale_cancelled') {
      this.#cancelled.add(event.sale);
      this.purchases.delete(event.sale);
    }
  }

  /** Purchases from the record, mine among them. @param {any[]} purchases */
  add(purchases) {
    for (const each of purchases) {
      if (each.bidder === this.name && !this.#cancelled.has(each.seq)) this.purchases.set(each.seq, each);
    }
  }

  /** A command of mine counts. @param {Command} command */
  counted({ type, item, amount = 0, units = 1, unit }) {
    const round = this.session.view?.items.get(item);
    if (type === 'max_bid') this.maximums.set(item, { amount, units });
    if (type === 'max_bid' && round?.state === 'open') this.#bidIn(item, round.unit);
    if (type === 'cancel_max') this.maximums.delete(item);
    if (type === 'bid' && unit) this.#bidIn(item, unit);
  }

  /** @param {Item} item @returns {Standing} */
  standing(item) {
    if (this.name === undefined) return 'none';
    if (item.state === 'open') {
      if (item.leader === this.name) return 'leading';
      return this.rounds[item.id] === item.unit ? 'outbid' : 'none';
    }
    return this.wonOf(item.id) ? 'won' : 'none';
  }

  /** @param {Item} item */
  concerns(item) {
    return this.standing(item) !== 'none' || this.maximums.has(item.id) || this.wonOf(item.id) > 0;
  }

  /** How many units are mine. @param {string} item */
  wonOf(item) {
    return [...this.purchases.values()].filter((each) => each.item === item).length;
  }

  get total() {
    return [...this.purchases.values()].reduce((sum, each) => sum + each.amount, 0);
  }

  /** What I would pay besides if every round that I lead ended now. */
  get leadingAt() {
    const items = [...(this.session.view?.items.values() ?? [])];
    return items.reduce((sum, item) => sum + (this.standing(item) === 'leading' ? (item.price ?? 0) : 0), 0);
  }

  /** @param {string} item @param {number} unit */
  #bidIn(item, unit) {
    if (this.rounds[item] === unit) return;
    this.rounds[item] = unit;
    this.session.memory.keep({ rounds: this.rounds });
  }

  /** @param {any} sale */
  #bought(sale) {
    this.purchases.set(sale.seq, sale);
    const maximum = this.maximums.get(sale.item);
    if (maximum && sale.how !== 'offer' && --maximum.units < 1) this.maximums.delete(sale.item);
  }
}

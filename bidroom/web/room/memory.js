/**
 * What this browser keeps of a bidder in one room: the token that brings them back, the last number they used, in which
 * rounds they have bid; and, for this tab only, the commands without an answer.
 */

/** A store that may be forbidden: then nothing is remembered, and everything else works. */
class Store {
  /** @param {() => Storage} open @param {string} key */
  constructor(open, key) {
    this.open = open;
    this.key = key;
  }

  /** @returns {any} */
  read() {
    try {
      return JSON.parse(this.open().getItem(this.key) ?? 'null');
    } catch {
      return null;
    }
  }

  /** @param {any} value */
  write(value) {
    try {
      this.open().setItem(this.key, JSON.stringify(value));
    } catch {
      // private browsing, or full
    }
  }
}

/** @param {string} key */
export const lasting = (key) => new Store(() => localStorage, `bidroom:${key}`);

export class Memory {
  /** @param {string} room */
  constructor(room) {
    this.store = lasting(`room:${room}`);
    this.tab = new Store(() => sessionStorage, `bidroom:pending:${room}`);
  }

  /** @returns {{token?: string, name?: string, lastId?: number, rounds?: Record<string, number>}} */
  get bidder() {
    return this.store.read() ?? {};
  }

  /** @param {object} changes */
  keep(changes) {
    this.store.write({ ...this.bidder, ...changes });
  }

  forget() {
    this.store.write({});
    this.tab.write([]);
  }

  /** Numbers are shared by all tabs of a bidder. */
  nextId() {
    const lastId = (this.bidder.lastId ?? 0) + 1;
    this.keep({ lastId });
    return lastId;
  }

  /** @param {number} lastId what the server knows */
  goOnFrom(lastId) {
    if (lastId > (this.bidder.lastId ?? 0)) this.keep({ lastId });
  }

  /** @returns {Command[]} */
  get pending() {
    return this.tab.read() ?? [];
  }

  set pending(commands) {
    this.tab.write(commands);
  }
}

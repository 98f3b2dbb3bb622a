/**
 * The server's clock, as far as it can be known here: measured by asking, and never shown running backwards.
 *
 * An answer that took `r` ms there and back is wrong by at most r/2, so of the last few the quickest one counts.
 */

const KEPT = 8;

export class ServerTime {
  /** @type {{offset: number, trip: number}[]} */
  #samples = [];
  #offset = 0;
  #last = 0;

  /** Begin anew with a message of a new connection: the machine may have slept. @param {number} now ms */
  restart(now) {
    this.#samples = [{ offset: now - performance.now(), trip: Infinity }];
    this.#choose();
  }

  /** An answer to a ping that was sent at `sent` of performance.now(). @param {number} now @param {number} sent */
  pong(now, sent) {
    const here = performance.now();
    const trip = here - sent;
    this.#samples.push({ offset: now + trip / 2 - here, trip });
    if (this.#samples.length > KEPT) this.#samples.shift();
    this.#choose();
  }

  /** Room time in ms. */
  now() {
    this.#last = Math.max(this.#last, performance.now() + this.#offset);
    return this.#last;
  }

  #choose() {
    this.#offset = this.#samples.reduce((best, each) => (each.trip <= best.trip ? each : best)).offset;
  }
}

/**
 * A bidder's commands without an answer yet. Each keeps its id when it is sent again, so it counts at most once; what is
 * unanswered survives a reload of the page. Commands leave in the order of their ids.
 */


const COME_BACK = new Set(['rate_limited', 'unavailable']);

export class Outbox {
  /** @type {Map<number, {command: Command, waits: boolean, inDoubt: boolean}>} */
  #unanswered = new Map();

  /** @param {Memory} memory */
  constructor(memory) {
    this.memory = memory;
    for (const command of memory.pending) {
      this.#unanswered.set(command.id, { command, waits: true, inDoubt: true });
    }
  }

  /** Number a command, and keep it. @param {Omit<Command, 'id'>} fields @returns {Command} */
  add(fields) {
    const id = this.memory.nextId();
    const command = /** @type {Command} */ ({ ...fields, id });
    this.#unanswered.set(id, { command, waits: false, inDoubt: false });
    this.#save();
    return command;
  }

  /**
   * Take in an answer: gives the command that is settled by it, or the one to send again, now under a new id.
   * @param {Answer} answer @returns {{settled?: Command, again?: Command}}
   */
  settle(answer) {
    const found = this.#unanswered.get(answer.id);
    if (!found) return {};
    if (answer.reason && COME_BACK.has(answer.reason)) {
      found.waits = true;
      found.inDoubt ||= answer.reason === 'unavailable';
      return {};
    }
    this.#unanswered.delete(answer.id);
    // Another tab of the same bidder used the number, or a higher one, first: this command was never decided.
    const overtaken = answer.reason === 'id_conflict' || answer.reason === 'stale_id';
    const result = overtaken && !found.inDoubt ? { again: this.add(found.command) } : { settled: found.command };
    this.#save();
    return result;
  }

  /** Nobody knows what became of those that are out. */
  doubt() {
    for (const each of this.#unanswered.values()) {
      each.inDoubt ||= !each.waits;
      each.waits = true;
    }
  }

  get waiting() {
    return [...this.#unanswered.values()].some((each) => each.waits);
  }

  /** Those that wait to be sent again, to be sent now. */
  again() {
    const waiting = [...this.#unanswered.values()].filter((each) => each.waits);
    for (const each of waiting) each.waits = false;
    return waiting.map((each) => each.command).sort((one, other) => one.id - other.id);
  }

  /** Forget all; gives what that was. */
  clear() {
    const commands = [...this.#unanswered.values()].map((each) => each.command);
    this.#unanswered.clear();
    this.#save();
    return commands;
  }

  /** What is on its way for an item. @param {string} item */
  of(item) {
    return [...this.#unanswered.values()].map((each) => each.command).find((command) => command.item === item);
  }

  #save() {
    this.memory.pending = [...this.#unanswered.values()].map((each) => each.command);
  }
}

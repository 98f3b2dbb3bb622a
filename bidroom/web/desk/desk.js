/**
 * The desk as its parts use it: who sits there, what may be asked, and how an order is carried out. Orders go over HTTP,
 * one by one; what they lead to is heard from the room like everything else.
 */

import { roomPath } from '../room/rooms.js';
import { t } from '../texts.js';
import { dialog, el, field, fill, form, problemLine, setText } from '../ui/dom.js';
import { tell } from '../ui/words.js';

export class Desk {
  /** Orders without an answer yet. @type {Record<string, Promise<Answer>>} */
  #asked = {};

  /** @param {Session} session @param {RoomLine} room
   *  @param {Money} money */
  constructor(session, room, money) {
    this.session = session;
    this.room = room;
    this.money = money;
    this.said = el('p', { class: 'said', role: 'status' });
  }

  get isAuctioneer() {
    return this.session.you?.role === 'auctioneer';
  }

  get view() {
    return /** @type {View} */ (this.session.view);
  }

  /** @param {string} text @param {'good' | 'bad' | 'busy'} kind */
  say(text, kind) {
    setText(this.said, text);
    this.said.dataset.kind = kind;
  }

  /** Something that only a desk may see or do. Throws where no answer comes. @param {string} path @param {any} [body] */
  async fetch(path, body) {
    const headers = { Authorization: `Bearer ${this.session.entry.token}` };
    return fetch(path, body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** @param {string} path below the room's @returns {Promise<any>} */
  async look(path) {
    const response = await this.fetch(roomPath(this.room.id, path));
    if (!response.ok) throw new Error((await response.json()).message);
    return response.json();
  }

  /** Ask for something to happen, and say what came of it. @param {string} type @param {object} [fields] @returns {Promise<Answer>} */
  async order(type, fields = {}) {
    this.say('…', 'busy');
    const answer = await this.ask(type, fields);
    if (answer.type === 'refused') this.say(this.refusal(answer), 'bad');
    else this.say(t.desk.done, 'good');
    return answer;
  }

  /**
   * Ask, and leave the saying to the caller. The same again before it is answered is not asked twice.
   * @param {string} type @param {object} fields @returns {Promise<Answer>}
   */
  ask(type, fields) {
    const key = JSON.stringify([type, fields]);
    return (this.#asked[key] ??= this.#send(type, fields).finally(() => delete this.#asked[key]));
  }

  /** @param {string} type @param {object} fields @returns {Promise<Answer>} */
  async #send(type, fields) {
    const by = this.session.entry.name;
    const path = roomPath(this.room.id, `${type}${by ? `?by=${encodeURIComponent(by)}` : ''}`);
    try {
      const response = await this.fetch(path, fields);
      const answer = await response.json();
      return answer.type ? answer : { type: 'refused', id: 0, message: response.status === 400 ? t.desk.misread : answer.message };
    } catch {
      return { type: 'refused', id: 0, message: t.desk.unknown };
    }
  }

  /** @param {Answer} answer */
  refusal({ reason = '', message = '', minimum }) {
    const why = /** @type {Record<string, (minimum: string) => string>} */ (t.refusedDesk)[reason];
    return why ? why(minimum ? this.money.format(minimum) : '') : message;
  }

  /**
   * Ask for what can't be done lightly: with a reason, and, where it can be seen before, what would happen.
   * @param {string} title @param {string} type @param {object} fields
   * @param {{why?: boolean, preview?: boolean, more?: HTMLElement, read?: () => object}} how
   * @returns {Promise<Answer | null>} null where somebody thought better of it
   */
  confirm(title, type, fields, how) {
    const why = el('input', { type: 'text', required: true, maxlength: 1000 });
    const would = el('ul', { class: 'would' });
    const problem = problemLine();
    const all = () => ({ ...fields, ...(how.why ? { why: why.value || '…' } : {}), ...how.read?.() });
    const look = async () => {
      const answer = await this.ask(type, { ...all(), dry_run: true });
      setText(problem, answer.type === 'refused' ? this.refusal(answer) : '');
      const lines = (answer.events ?? []).map((event) => el('li', {}, tell(event, this.view, this.money)));
      would.replaceChildren(...(lines.length || answer.type === 'refused' ? lines : [el('li', {}, t.desk.nothingToTell)]));
    };
    return new Promise((settle) => {
      const submit = async () => {
        const answer = await this.order(type, all());
        if (answer.type === 'refused') setText(problem, this.refusal(answer));
        else {
          settle(answer);
          box.close();
        }
      };
      const node = form(
        'forms',
        submit,
        how.more,
        how.why && field(t.desk.why, why),
        how.preview && el('section', { class: 'panel' }, el('h3', {}, t.desk.whatHappens), would, el('p', { class: 'hint' }, t.desk.maximumsAside)),
        problem,
        el('button', { type: 'submit', class: 'danger' }, t.desk.sure),
      );
      if (how.preview) {
        node.addEventListener('change', () => void look());
        void look();
      }
      const box = dialog(title, t.cancel, node);
      box.addEventListener('close', () => settle(null));
    });
  }

  /** Who is meant: a paddle's number, or the name that everyone sees. @param {string} text */
  who(text) {
    return /^\d+$/.test(text.trim()) ? Number(text) : text.trim();
  }
}

/** A table with a caption for those who don't see it. @param {string} name @param {string[]} heads */
export function table(name, heads) {
  const body = el('tbody');
  const head = el('thead', {}, el('tr', {}, heads.map((each) => el('th', { scope: 'col' }, each))));
  const node = el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': name }, el('table', {}, el('caption', { class: 'unseen' }, name), head, body));
  return { node, body };
}

/** Other buttons in place of these; who was on one of them by keyboard is then on what came in its place.
 * @param {HTMLElement} row @param {(HTMLElement | false)[]} buttons */
export function replaceButtons(row, buttons) {
  const now = () => /** @type {HTMLElement[]} */ ([...row.children]);
  const at = now().indexOf(/** @type {HTMLElement} */ (document.activeElement));
  fill(row, buttons);
  if (at >= 0) now()[Math.min(at, row.children.length - 1)]?.focus();
}

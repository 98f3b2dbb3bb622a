/** What has happened, newest first, in sentences; fetched back as far as somebody wants to look. */

import { clockTime, t } from '../texts.js';
import { get, roomPath } from '../room/rooms.js';
import { button, choice, el, onceAFrame } from '../ui/dom.js';
import { tell } from '../ui/words.js';

const PAGE = 200;
const SHOWN = 500;
const BIDS = new Set(['bid_accepted', 'bid_voided']);
const SALES = new Set(['unit_sold', 'sale_cancelled', 'offer_made', 'offer_declined', 'item_finished']);
const COURSE = new Set(['round_opened', 'deadlines_moved']);

/** @type {Record<keyof typeof t.desk.kinds, (event: RoomEvent) => boolean>} */
const KINDS = {
  all: () => true,
  bids: ({ type }) => BIDS.has(type),
  sales: ({ type }) => SALES.has(type),
  control: ({ type, by }) => Boolean(by) || !(BIDS.has(type) || SALES.has(type) || COURSE.has(type)),
};

/** @param {Desk} desk */
export function logPart(desk) {
  /** Oldest first, without a gap. @type {RoomEvent[]} */
  let events = [];
  let most = SHOWN;
  const words = el('input', { type: 'search', placeholder: t.desk.filterLog, 'aria-label': t.desk.filterLog });
  const kind = choice(t.desk.kinds);
  kind.setAttribute('aria-label', t.filter);
  const list = el('ol', { class: 'log' });
  const draw = onceAFrame(() => {
    if (!node.isConnected) return;
    const wanted = words.value.trim().toLocaleLowerCase();
    const fits = KINDS[/** @type {keyof typeof KINDS} */ (kind.value)];
    const lines = [];
    for (let n = events.length - 1; n >= 0 && lines.length < most; n--) {
      const sentence = tell(events[n], desk.view, desk.money);
      if (!fits(events[n]) || !sentence.toLocaleLowerCase().includes(wanted)) continue;
      lines.push(el('li', {}, el('time', {}, clockTime(events[n].at)), ` ${sentence}`));
    }
    list.replaceChildren(...lines);
  });
  const earlier = async () => {
    const before = events[0]?.seq ?? desk.view.seq + 1;
    const after = Math.max(0, before - 1 - PAGE);
    const path = roomPath(desk.room.id, `events?after=${after}&limit=${PAGE}`);
    const page = await get(path).catch(() => ({ events: [] }));
    // Whoever could not wait has asked for the same page again.
    const known = events[0]?.seq ?? before;
    events = [...page.events.filter((/** @type {RoomEvent} */ event) => event.seq < known), ...events];
    most = Math.max(SHOWN, events.length);
    more.hidden = events[0]?.seq === 1;
    draw();
  };
  const more = button(t.desk.earlier, () => void earlier());
  words.addEventListener('input', draw);
  kind.addEventListener('change', draw);
  const node = el('section', {}, el('div', { class: 'row' }, words, kind), list, more);
  return {
    node,
    draw,
    take: (/** @type {RoomEvent[]} */ heard) => void events.push(...heard),
    show: () => (events.length < PAGE && !more.hidden ? void earlier() : draw()),
    restart: () => {
      events = [];
      more.hidden = false;
    },
  };
}

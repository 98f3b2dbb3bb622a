/**
 * The auctioneer's desk, and the clerks'. Without a token that the server takes, nothing is here but the question for it.
 */

import { findRoom, takeSecret } from '../room/rooms.js';
import { lasting, Memory } from '../room/memory.js';
import { Session } from '../room/session.js';
import { locale, t } from '../texts.js';
import { button, byId, el, field, form, onceAFrame, problemLine, setText } from '../ui/dom.js';
import { followLink, news, settings } from '../ui/frame.js';
import { Money } from '../ui/money.js';
import { checkoutPart, floorPart } from './clerks.js';
import { Desk } from './desk.js';
import { logPart } from './log.js';
import { peoplePart } from './people.js';
import { resultsPart } from './results.js';
import { salePart } from './sale.js';

const TICK_MS = 500;
const CLERKS = new Set(['floor', 'checkout']);

const store = lasting('desk');
const main = byId('main');

/** Ask who sits here. @param {(entry: {token: string, name: string}) => void} enter @param {string} problem */
function ask(enter, problem) {
  const token = el('input', { type: 'password', required: true, autocomplete: 'current-password' });
  const name = el('input', { type: 'text', maxlength: 40, autocomplete: 'name', value: store.read()?.name ?? '' });
  const submit = () => {
    enter({ token: token.value.trim(), name: name.value.trim() });
  };
  const node = form(
    'panel entrance',
    submit,
    el('h2', {}, t.desk.tokenTitle),
    el('p', { class: 'hint' }, t.desk.tokenHint),
    field(t.desk.token, token),
    field(t.desk.by, name, t.desk.optional),
    problemLine(problem),
    el('button', { type: 'submit' }, t.desk.enter),
  );
  main.replaceChildren(node);
  token.focus();
}

/** @param {Desk} desk */
function build(desk) {
  /** @type {Record<string, Part>} */
  const all = {
    sale: salePart(desk),
    floor: floorPart(desk),
    checkout: checkoutPart(desk),
    people: peoplePart(desk),
    results: resultsPart(desk),
    log: logPart(desk),
  };
  const ids = Object.keys(all).filter((id) => desk.isAuctioneer || CLERKS.has(id));
  const parts = ids.map((id) => all[id]);
  const banners = news(desk.session);
  const place = el('div', {});
  let shown = parts[0];
  const tabs = ids.map((id) =>
    el('button', { type: 'button', 'data-part': id, onclick: () => show(id) }, t.desk.parts[/** @type {'sale'} */ (id)]),
  );
  const show = (/** @type {string} */ id) => {
    shown = all[id];
    tabs.forEach((tab) => tab.setAttribute('aria-pressed', String(tab.dataset.part === id)));
    place.replaceChildren(shown.node);
    shown.draw();
    shown.show?.();
  };
  const draw = onceAFrame(() => {
    banners.draw();
    shown.draw();
  });
  setInterval(() => document.hidden || shown.tick?.(), TICK_MS);
  main.replaceChildren(banners.node, el('nav', { class: 'tabs', 'aria-label': t.desk.title }, tabs), desk.said, place);
  show(ids[0]);
  return {
    draw,
    take: (/** @type {RoomEvent[]} */ events) => {
      parts.forEach((part) => part.take?.(events));
      draw();
    },
    restart: () => parts.forEach((part) => part.restart?.()),
  };
}

// The token leaves the address before anything is asked for: nobody is to read it over a shoulder.
const given = takeSecret('token');
if (given) store.write({ ...store.read(), token: given });

const room = await findRoom(main);
setText(byId('room-name'), `${room.name} · ${t.desk.title}`);
const session = new Session(room.id, { kind: 'control' }, new Memory(`desk:${room.id}`));
const desk = new Desk(session, room, new Money(room.currency, room.decimals, locale));
/** @type {ReturnType<typeof build> | undefined} */
let parts;

const enter = (/** @type {{token: string, name?: string}} */ { token, name }) => {
  store.write({ token, name });
  session.enter({ kind: 'control', token, name: name || undefined });
};
session.on('welcome', () => {
  parts ??= build(desk);
  parts.draw();
});
session.on('events', (events) => parts?.take(events));
session.on('shown', () => {
  parts?.restart();
  parts?.draw();
});
session.on('link', () => parts?.draw());
session.on('denied', (reason, message) => {
  if (reason === 'bad_token') store.write({ name: store.read()?.name });
  session.link.rest();
  parts = undefined;
  ask(enter, reason === 'bad_token' ? t.desk.badToken : reason === 'forked' ? t.forked : message);
});

followLink(session);
const leave = button(t.desk.leave, () => {
  store.write(null);
  location.reload();
});
const query = location.search;
byId('bar').append(
  el('a', { href: `/hall${query}`, target: 'hall' }, t.desk.hall),
  el('a', { href: `/${query}`, target: 'bidders' }, t.desk.bidders),
  settings(leave),
);

const kept = store.read();
if (kept?.token) enter(kept);
else ask(enter, '');

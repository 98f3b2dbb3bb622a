/** The bidders: who they are, their budgets, and invitations with codes to print, which are told only once. */

import { t } from '../texts.js';
import { button, dialog, el, field, fill, form, joined, onceAFrame, setText, whenNew } from '../ui/dom.js';
import { get, roomPath } from '../room/rooms.js';
import { table } from './desk.js';

/** @typedef {{bidder: string, paddle?: number, code: string}} Invited */

const SHOWN = ['bidder', 'name', 'paddle', 'budget', 'won', 'paid', 'removed', 'connected'];

/** @param {Desk} desk */
export function peoplePart(desk) {
  const list = table(t.desk.parts.people, [t.desk.paddle, t.desk.bidder, t.desk.state, t.desk.budget, t.desk.wonPaid, t.desk.actions]);
  const ifNew = whenNew();
  const look = async () => {
    /** @type {BidderLine[]} */
    const bidders = await desk.look('bidders').catch(() => []);
    // Only what is shown: what somebody is at stays where it is while the sale goes on.
    ifNew(JSON.stringify(bidders, SHOWN), () => fill(list.body, bidders.map((one) => bidderRow(desk, one, look))));
  };
  const node = el('section', {}, inviting(desk, look), list.node);
  return { node, draw: () => {}, take: onceAFrame(() => node.isConnected && void look()), show: () => void look() };
}

/** @param {Desk} desk @param {BidderLine} one @param {() => Promise<void>} look */
function bidderRow(desk, one, look) {
  const money = (/** @type {number} */ amount) => desk.money.format(amount);
  const fields = { bidder: one.bidder };
  const title = (/** @type {string} */ what) => `${what}: ${one.name}`;
  const newCode = async () => {
    const answer = await desk.confirm(t.desk.newCodeFor(one.name), 'new_token', fields, { preview: true });
    if (answer?.code) await showSheet(desk, [{ bidder: one.name, paddle: one.paddle ?? undefined, code: answer.code }]);
  };
  const remove = async () => {
    await desk.confirm(title(t.desk.remove), 'remove_bidder', fields, { why: true, preview: true });
    await look();
  };
  const budget = async () => {
    const amount = el('input', { type: 'text', inputmode: 'decimal', value: one.budget === null ? '' : desk.money.plain(one.budget) });
    const more = field(t.amount(desk.room.currency), amount, t.desk.noLimit);
    const read = () => ({ budget: amount.value.trim() ? desk.money.parse(amount.value) ?? -1 : null });
    await desk.confirm(title(t.desk.setBudget), 'set_budget', fields, { more, read });
    await look();
  };
  const state = joined(one.connected && t.desk.here, one.removed && t.desk.removed);
  const actions = [
    button(t.desk.setBudget, () => void budget(), 'quiet', title(t.desk.setBudget)),
    button(t.desk.newCode, () => void newCode(), 'quiet', title(t.desk.newCode)),
    !one.removed && button(t.desk.remove, () => void remove(), 'quiet', title(t.desk.remove)),
  ];
  return el(
    'tr',
    {},
    el('td', {}, one.paddle === null ? '' : String(one.paddle)),
    el('th', { scope: 'row' }, one.name),
    el('td', {}, state),
    el('td', { class: 'number' }, one.budget === null ? '' : money(one.budget)),
    el('td', { class: 'number' }, `${money(one.won)} / ${money(one.paid)}`),
    el('td', {}, el('div', { class: 'row' }, actions)),
  );
}

/** @param {Desk} desk @param {() => Promise<void>} look */
function inviting(desk, look) {
  const list = el('textarea', { rows: 3, required: true });
  const said = el('p', { class: 'said', role: 'status' });
  const submit = async () => {
    const lines = list.value.split('\n').filter((line) => line.trim());
    /** @type {Invited[]} */
    const invited = [];
    const refused = [];
    for (const [n, line] of lines.entries()) {
      setText(said, t.desk.inviting(n + 1, lines.length));
      const guest = readGuest(desk, line);
      const answer = await desk.ask('invite', guest);
      if (answer.code) invited.push({ bidder: guest.name, paddle: answer.paddle, code: answer.code });
      else refused.push({ line, why: desk.refusal(answer) });
    }
    list.value = refused.map(({ line }) => line).join('\n');
    setText(said, refused.map(({ line, why }) => `${line}: ${why}`).join(' '));
    said.dataset.kind = refused.length ? 'bad' : 'good';
    if (invited.length) await showSheet(desk, invited);
    await look();
  };
  const node = form('panel', submit, field(t.desk.inviteList, list, t.desk.inviteHint));
  node.append(el('button', { type: 'submit' }, t.desk.invite), said);
  return el('details', {}, el('summary', {}, t.desk.invite), node);
}

/** "name; paddle; budget; e-mail", all but the name optional. @param {Desk} desk @param {string} line */
function readGuest(desk, line) {
  const [name, paddle, budget, email] = line.split(/[;\t]/).map((part) => part.trim());
  return {
    name,
    // What is no number must be refused, and not be as if it were left out.
    ...(paddle ? { paddle: Number(paddle) || -1 } : {}),
    ...(budget ? { budget: desk.money.parse(budget) ?? -1 } : {}),
    ...(email ? { email } : {}),
  };
}

/** Invitations to print, one for each paddle. @param {Desk} desk @param {Invited[]} invited */
async function showSheet(desk, invited) {
  const { address } = await get(roomPath(desk.room.id, 'join'));
  const links = invited.map(({ code }) => `${address}#code=${code}`);
  const response = await desk.fetch('/api/qr', { texts: links });
  /** @type {{codes: string[]}} */
  const { codes } = await response.json();
  const cards = invited.map(({ bidder, paddle, code }, n) =>
    el(
      'article',
      { class: 'invitation' },
      el('img', { src: codes[n], alt: '', width: 160, height: 160 }),
      el('h3', {}, paddle === undefined ? bidder : `${t.paddle(paddle)} · ${bidder}`),
      el('p', {}, desk.room.name),
      el('p', { class: 'hint' }, t.desk.scan),
      el('p', {}, address),
      el('p', { class: 'code' }, code),
    ),
  );
  const box = dialog(t.desk.invitation, t.close, el('p', { class: 'hint no-print' }, t.desk.sheetHint));
  box.setAttribute('closedby', 'none'); // by a click beside it, the codes would be lost
  box.append(button(t.desk.sheet, () => print(), ''), el('div', { class: 'sheet' }, cards));
  await new Promise((closed) => box.addEventListener('close', closed));
}

/** The sale: figures, what concerns the whole room, and every item with what can be done about it now. */

import { t } from '../texts.js';
import { button, dialog, el, field, form, joined, problemLine, setAttr, setText, whenNew } from '../ui/dom.js';
import { clockWords } from '../ui/words.js';
import { replaceButtons, table } from './desk.js';

const EXTEND_MS = 30_000;
const LOOK_MS = 2_000;

/** @param {Desk} desk */
export function salePart(desk) {
  const figures = figuresPanel(desk);
  const room = el('div', { class: 'row' });
  const list = table(t.items, [t.item, t.desk.state, t.price, t.desk.leader, t.time, t.desk.actions]);
  /** @type {Map<string, ReturnType<typeof itemRow>>} */
  const rows = new Map();
  const ifNew = whenNew();
  const draw = () => {
    const { view } = desk;
    const items = [...view.items.values()];
    const waiting = items.filter(({ state }) => state === 'between').length;
    const now = [view.paused, view.closing, view.finished, waiting > 0, items.every(isUntouched)];
    ifNew(now, () => replaceButtons(room, roomActions(desk)));
    for (const item of items) {
      const row = rows.get(item.id) ?? itemRow(desk, item);
      if (!rows.has(item.id)) {
        rows.set(item.id, row);
        list.body.append(row.node);
      }
      row.draw();
    }
  };
  const tick = () => rows.forEach((row) => row.tick());
  const node = el('section', {}, figures, room, announcing(desk), list.node, button(t.desk.addItem, () => addItem(desk)));
  return { node, draw, tick };
}

/** @param {Desk} desk */
function figuresPanel(desk) {
  const labels = Object.entries(t.desk.figures);
  const values = labels.map(() => el('dd', {}, '–'));
  const pairs = labels.map(([, label], n) => el('div', {}, el('dt', {}, label), values[n]));
  const node = el('dl', { class: 'figures' }, pairs);
  const look = async () => {
    if (document.hidden || !node.isConnected) return;
    const figures = await desk.look('figures').catch(() => null);
    labels.forEach(([key], n) => {
      const value = figures?.[key] ?? 0;
      setText(values[n], figures === null ? '–' : key === 'turnover' ? desk.money.format(value) : String(value));
    });
  };
  setInterval(look, LOOK_MS);
  setTimeout(look);
  return node;
}

/** @param {Desk} desk */
function roomActions(desk) {
  const { view } = desk;
  if (view.finished) return [];
  const items = [...view.items.values()];
  const order = (/** @type {string} */ type) => () => void desk.order(type);
  const end = () => void desk.confirm(t.desk.closeRoom, 'close_room', {}, { why: true });
  return [
    items.every(isUntouched) && button(t.desk.openBidding, order('open_bidding'), ''),
    items.some(({ state }) => state === 'between') && button(t.desk.openNext, order('open_item'), ''),
    view.paused ? button(t.desk.resumeAll, order('resume'), '') : button(t.desk.pauseAll, order('pause')),
    !view.closing && button(t.desk.closeRoom, end),
  ];
}

/** Whether nobody has opened it yet. @param {Item} item */
const isUntouched = ({ state, unit }) => state === 'between' && unit === 0;

/** @param {Desk} desk */
function announcing(desk) {
  const text = el('input', { type: 'text', maxlength: 1000, required: true, 'aria-label': t.desk.announceText, placeholder: t.desk.announceText });
  const submit = async () => {
    const answer = await desk.order('announce', { text: text.value });
    if (answer.type === 'accepted') text.value = '';
  };
  return form('row', submit, text, el('button', { type: 'submit' }, t.desk.announce));
}

/** @param {Desk} desk @param {Item} item */
function itemRow(desk, item) {
  const [state, price, leader, time] = [el('td'), el('td', { class: 'number' }), el('td'), el('td')];
  const actions = el('div', { class: 'row' });
  const node = el('tr', {}, el('th', { scope: 'row' }, item.name), state, price, leader, time, el('td', {}, actions));
  const ifNew = whenNew();
  const draw = () => {
    const units = item.units > 1 ? ` ${item.units - item.units_left}/${item.units}` : '';
    setText(state, joined((item.stopped ? t.paused : STATES[item.state]()) + units, item.reserve && t.reserve[item.reserve]));
    setText(price, desk.money.format(item.price ?? item.starting_price));
    setText(leader, item.leader ?? '');
    setAttr(node, 'data-state', item.state);
    const now = [item.state, item.paused, item.bid !== null, desk.view.paused, desk.view.closing];
    ifNew(now, () => replaceButtons(actions, itemActions(desk, item)));
    tick();
  };
  const tick = () => {
    const now = desk.session.time.now();
    const left = item.ends_at === null ? Infinity : item.ends_at - now;
    setText(time, item.state === 'finished' ? '' : clockWords(item, left, now, ''));
  };
  return { node, draw, tick };
}

/** @type {Record<Item['state'], () => string>} */
const STATES = { open: () => t.filters.open, between: () => t.between, finished: () => t.finished };

/** What can be done about an item as it stands. @param {Desk} desk @param {Item} item */
function itemActions(desk, item) {
  const fields = { item: item.id };
  const title = (/** @type {string} */ what) => `${what}: ${item.name}`;
  const order = (/** @type {string} */ words, /** @type {string} */ type, more = {}) =>
    button(words, () => void desk.order(type, { ...fields, ...more }), 'quiet', title(words));
  const voidBid = () => void desk.confirm(title(t.desk.voidBid), 'void_bid', { ...fields, bid: item.bid }, { why: true, preview: true });
  const withdraw = () => void desk.confirm(title(t.desk.withdraw), 'withdraw', fields, { why: true });
  if (item.state === 'finished') return item.units_left ? [order(t.desk.reopen, 'reopen')] : [];
  return [
    item.state === 'between' && order(t.desk.open, 'open_item'),
    item.state === 'open' && order(t.desk.extend, 'extend', { span_ms: EXTEND_MS }),
    item.paused ? order(t.desk.resume, 'resume') : order(t.desk.pause, 'pause'),
    item.state === 'open' && item.bid !== null && button(t.desk.voidBid, voidBid, 'quiet', title(t.desk.voidBid)),
    button(t.desk.withdraw, withdraw, 'quiet', title(t.desk.withdraw)),
  ];
}

/** @param {Desk} desk */
function addItem(desk) {
  const amounts = new Set(['starting_price', 'increment', 'reserve', 'buy_now']);
  const needed = new Set(['name', 'starting_price']);
  /** @type {[string, HTMLInputElement][]} */
  const inputs = Object.keys(t.desk.fields).map((key) => [
    key,
    el('input', { type: 'text', required: needed.has(key), placeholder: needed.has(key) ? '' : t.desk.optional, inputmode: amounts.has(key) ? 'decimal' : 'text' }),
  ]);
  const problem = problemLine();
  const submit = async () => {
    /** @type {Record<string, any>} */
    const item = {};
    for (const [key, { value }] of inputs) {
      if (!value.trim()) continue;
      item[key] = amounts.has(key) ? desk.money.parse(value) : key === 'units' ? Number(value) : value.trim();
      if (item[key] === null) return setText(problem, `${t.desk.fields[/** @type {'name'} */ (key)]}: ${t.badAmount}`);
    }
    item.id ??= freeId(desk, item.name);
    const answer = await desk.order('add_item', { item });
    if (answer.type === 'refused') setText(problem, desk.refusal(answer));
    else box.close();
  };
  const fields = inputs.map(([key, input]) => field(t.desk.fields[/** @type {'name'} */ (key)], input));
  const node = form('forms', submit, fields, problem, el('button', { type: 'submit' }, t.desk.add));
  const box = dialog(t.desk.addItem, t.cancel, node);
}

/** An id from a name, which no item has. @param {Desk} desk @param {string} name */
function freeId(desk, name) {
  const plain = name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 40) || 'item';
  let id = plain;
  for (let n = 2; desk.view.items.has(id); n++) id = `${plain}-${n}`;
  return id;
}

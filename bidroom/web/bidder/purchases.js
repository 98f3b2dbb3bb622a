/** My purchases, my total and my budget: a line that is always there, and a dialog that can be printed. */

import { clockTime, t } from '../texts.js';
import { button, dialog, el, joined, setText } from '../ui/dom.js';

/** @param {App} app */
export function purchasesLine(app) {
  const node = button('', () => openPurchases(app), 'quiet purchases');
  const draw = () => {
    node.hidden = !app.session.you;
    setText(node, joined(`${t.purchases}: ${app.mine.purchases.size}`, app.money.format(app.mine.total)));
  };
  return { node, draw };
}

/** @param {App} app */
function openPurchases(app) {
  const { mine, money } = app;
  const budget = app.session.you?.budget;
  const name = (/** @type {string} */ id) => app.session.view?.items.get(id)?.name ?? id;
  const rows = [...mine.purchases.values()].sort((one, other) => one.seq - other.seq);
  const lines = rows.map((each) =>
    el('tr', {}, el('td', {}, name(each.item)), el('td', {}, String(each.unit)), el('td', {}, clockTime(each.at)), el('td', { class: 'number' }, money.format(each.amount))),
  );
  const heads = [t.item, t.unit, t.time, t.price].map((head) => el('th', { scope: 'col' }, head));
  const sums = [
    [t.total, mine.total],
    [t.leadingAt, mine.leadingAt],
    ...(budget === undefined ? [] : [[t.budget, budget], [t.left, budget - mine.total - mine.leadingAt]]),
  ];
  const list = sums.flatMap(([label, amount]) => [el('dt', {}, String(label)), el('dd', {}, money.format(Number(amount)))]);
  const table = el('table', {}, el('thead', {}, el('tr', {}, heads)), el('tbody', {}, lines));
  dialog(
    t.purchases,
    t.close,
    el('p', { class: 'hint' }, `${app.room.name} · ${app.session.you?.name ?? ''}`),
    lines.length ? el('div', { class: 'scroll' }, table) : el('p', {}, t.noPurchases),
    el('dl', { class: 'sums' }, list),
    button(t.print, () => print()),
  );
}

/** Results: the sales with what can be taken back, offers, statements to print, and files for the books. */

import { roomPath } from '../room/rooms.js';
import { clockTime, t } from '../texts.js';
import { button, choice, dialog, el, field, fill, joined, onceAFrame, setText, whenNew } from '../ui/dom.js';
import { balance, statements, statementTitle } from './clerks.js';
import { table } from './desk.js';

/** @param {Desk} desk */
export function resultsPart(desk) {
  const total = el('p', { class: 'price' });
  const sales = table(t.desk.sales, [t.item, t.desk.bidder, t.price, t.time, t.desk.state, t.desk.actions]);
  const offers = el('div', {});
  const ifNew = whenNew();
  const look = async () => {
    const report = await desk.look('results?what=purchases').catch(() => null);
    if (!report) return;
    ifNew([report.purchases, desk.view.offers], () => {
      setText(total, t.desk.total(desk.money.format(report.total)));
      fill(sales.body, report.purchases.map((/** @type {Purchase} */ sale) => saleRow(desk, sale)).reverse());
      fill(offers, desk.view.offers.map((offer) => offerRow(desk, offer)));
    });
  };
  const files = ['csv', 'html', 'json'].map((format) =>
    button(`${t.desk.download}: ${format.toUpperCase()}`, () => void download(desk, format)),
  );
  const print = button(t.desk.printStatements, () => void printStatements(desk));
  const node = el('section', {}, total, el('div', { class: 'row' }, print, files), offers, sales.node);
  return { node, draw: () => {}, take: onceAFrame(() => node.isConnected && void look()), show: () => void look() };
}

/** @param {Desk} desk @param {Purchase} sale */
function saleRow(desk, sale) {
  const cancel = () => {
    const then = choice(t.desk.thens);
    const title = `${t.desk.cancelSale}: ${sale.item_name}, ${desk.money.format(sale.amount)}`;
    const how = { why: true, preview: true, more: field(t.desk.then, then), read: () => ({ then: then.value }) };
    void desk.confirm(title, 'cancel_sale', { sale: sale.seq }, how);
  };
  const state = joined(sale.paid && t.desk.markOne, sale.handed_over_by && t.desk.handed(sale.handed_over_by));
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, sale.item_name),
    el('td', {}, sale.name ? `${sale.bidder} · ${sale.name}` : sale.bidder),
    el('td', { class: 'number' }, desk.money.format(sale.amount)),
    el('td', {}, clockTime(sale.at)),
    el('td', {}, state),
    el('td', {}, button(t.desk.cancelSale, cancel, 'quiet', `${t.desk.cancelSale}: ${sale.item_name}`)),
  );
}

/** @param {Desk} desk @param {Offer} offer */
function offerRow(desk, { item, unit, bidder, amount }) {
  const settle = (/** @type {boolean} */ accept) => () => void desk.order('settle_offer', { item, unit, accept });
  const name = desk.view.items.get(item)?.name ?? item;
  const words = `${t.desk.offers}: ${name}, ${bidder}, ${desk.money.format(amount)}`;
  return el('div', { class: 'news' }, el('p', {}, words), button(t.desk.takes, settle(true), ''), button(t.desk.declines, settle(false)));
}

/** The file comes with the token in a header, so it is fetched here and handed on. @param {Desk} desk @param {string} format */
async function download(desk, format) {
  const id = desk.room.id;
  const what = format === 'csv' ? 'purchases' : 'all';
  const response = await desk.fetch(roomPath(id, `results?what=${what}&format=${format}`));
  const address = URL.createObjectURL(await response.blob());
  el('a', { href: address, download: `${id}-${what}.${format}` }).click();
  URL.revokeObjectURL(address);
}

/** @param {Desk} desk */
async function printStatements(desk) {
  const all = await statements(desk);
  const sheets = all.map((one) =>
    el(
      'article',
      { class: 'statement' },
      el('h3', {}, statementTitle(one)),
      el('p', {}, desk.room.name),
      el('table', {}, el('tbody', {}, one.lines.map((line) => el('tr', {}, el('td', {}, line.item_name), el('td', { class: 'number' }, desk.money.format(line.amount)))))),
      el('p', { class: 'price' }, balance(one, desk)),
    ),
  );
  dialog(t.desk.statements, t.close, button(t.print, () => print(), ''), ...sheets);
}

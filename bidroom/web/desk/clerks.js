/** What clerks work with: the checkout, and the floor. */

import { t } from '../texts.js';
import { button, choice, el, field, fill, form, joined, onceAFrame, setText, whenNew } from '../ui/dom.js';
import { clockWords } from '../ui/words.js';

/** @param {Desk} desk @returns {Promise<Statement[]>} */
export const statements = async (desk) => (await desk.look('results?what=statements')).statements;

/** @param {Statement} one */
export const statementTitle = ({ bidder, name, paddle }) =>
  joined(paddle !== null && t.paddle(paddle), name || bidder);

/** @param {Statement} one @param {Desk} desk */
export function balance({ owed }, desk) {
  if (owed < 0) return t.desk.getsBack(desk.money.format(-owed));
  return owed ? t.desk.owes(desk.money.format(owed)) : t.desk.settled;
}

/** The checkout: find a paddle, see what it owes, mark it paid, hand over. @param {Desk} desk */
export function checkoutPart(desk) {
  const find = el('input', { type: 'search', autocomplete: 'off' });
  const found = el('div', { class: 'found', 'aria-live': 'polite' });
  /** @type {Statement[]} */
  let all = [];
  const ifNew = whenNew();
  const show = () => {
    const wanted = find.value.trim().toLocaleLowerCase();
    const fits = (/** @type {Statement} */ one) =>
      /^\d+$/.test(wanted) ? one.paddle === Number(wanted) : `${one.name} ${one.bidder} ${one.email}`.toLocaleLowerCase().includes(wanted);
    const shown = wanted ? all.filter(fits).slice(0, 10) : all.filter((one) => one.owed).slice(0, 50);
    // Nobody who settles is disturbed by what doesn't concern their customer.
    ifNew([shown, !wanted], () => {
      const lines = shown.length === 1 ? [account(desk, shown[0], look)] : shown.map((one) => summary(one));
      fill(found, shown.length || !wanted ? lines : el('p', {}, t.desk.nobody));
    });
  };
  const summary = (/** @type {Statement} */ one) => {
    const open = () => {
      find.value = one.paddle === null ? one.bidder : String(one.paddle);
      show();
    };
    return button(`${statementTitle(one)}: ${balance(one, desk)}`, open, 'quiet line');
  };
  const look = async () => {
    all = await statements(desk).catch(() => all);
    show();
  };
  find.addEventListener('input', show);
  const node = el('section', {}, el('div', { class: 'panel' }, field(t.desk.find, find)), found);
  return { node, draw: () => {}, take: onceAFrame(() => node.isConnected && void look()), show: () => (find.focus(), void look()) };
}

/** @param {Desk} desk @param {Statement} one @param {() => Promise<void>} look */
function account(desk, one, look) {
  const how = el('input', { type: 'text', value: t.desk.hows[0], list: 'hows', required: true });
  const hows = el('datalist', { id: 'hows' }, t.desk.hows.map((each) => el('option', { value: each })));
  const act = async (/** @type {string} */ type, /** @type {object} */ fields) => {
    await desk.order(type, { bidder: one.bidder, ...fields });
    await look();
  };
  const due = el('p', { class: 'price' });
  setText(due, balance(one, desk));
  const lines = one.lines.map((line) => {
    const paid = line.paid ? t.desk.paid(line.paid, line.paid_by ?? '') : button(t.desk.markOne, () => void act('mark_paid', { how: how.value, sale: line.seq }));
    const handed = line.handed_over_by ? t.desk.handed(line.handed_over_by) : button(t.desk.handOne, () => void act('hand_over', { sale: line.seq }));
    return el('tr', {}, el('td', {}, line.item_name), el('td', { class: 'number' }, desk.money.format(line.amount)), el('td', {}, paid), el('td', {}, handed));
  });
  // A credit is not taken off: what is marked is recorded in full.
  const unpaid = one.lines.reduce((sum, line) => sum + (line.paid ? 0 : line.amount), 0);
  const waiting = one.lines.some((line) => !line.handed_over_by);
  return el(
    'div',
    { class: 'panel account' },
    el('h2', {}, statementTitle(one)),
    due,
    el('div', { class: 'scroll' }, el('table', {}, el('tbody', {}, lines))),
    unpaid > 0 && field(t.desk.paidHow, how),
    hows,
    el(
      'div',
      { class: 'row' },
      unpaid > 0 && button(t.desk.markPaid(desk.money.format(unpaid)), () => void act('mark_paid', { how: how.value }), ''),
      waiting && button(t.desk.handOver, () => void act('hand_over', {})),
    ),
  );
}

/**
 * Bids from the hall and the telephone: paddle, item, amount, Enter. What is being entered is for the unit that was open
 * when that began: where it closes meanwhile, it is refused, and never lands on another.
 * @param {Desk} desk
 */
export function floorPart(desk) {
  const paddle = el('input', { type: 'text', required: true, autocomplete: 'off', enterkeyhint: 'next' });
  const item = el('select', { required: true });
  const amount = el('input', { type: 'text', inputmode: 'decimal', autocomplete: 'off', enterkeyhint: 'send' });
  const via = choice(t.desk.vias);
  const now = el('p', { class: 'price', role: 'status' });
  const entered = el('ol', { class: 'entered', reversed: true });
  const chosen = () => desk.view.items.get(item.value);
  let unit = 0;

  const submit = async () => {
    const on = chosen();
    const sum = amount.value.trim() ? desk.money.parse(amount.value) : on?.minimum;
    if (!on || !sum) return desk.say(t.badAmount, 'bad');
    const fields = { bidder: desk.who(paddle.value), item: on.id, unit, amount: sum, via: via.value };
    const answer = await desk.order('bid_for', fields);
    const words = answer.type === 'refused' ? desk.refusal(answer) : t.desk.entered(paddle.value, on.name, desk.money.format(sum));
    desk.say(words, answer.type === 'refused' ? 'bad' : 'good');
    entered.prepend(el('li', { 'data-kind': answer.type === 'refused' ? 'bad' : 'good' }, words));
    while (entered.children.length > 12) entered.lastChild?.remove();
    if (answer.type === 'refused') amount.select();
    else {
      paddle.value = amount.value = '';
      paddle.focus();
    }
    meanNow();
  };
  const meanNow = () => {
    unit = chosen()?.unit ?? 0;
    drawNow();
  };

  const ifNew = whenNew();
  const drawNow = () => {
    const isEntering = Boolean(paddle.value || amount.value);
    const open = [...desk.view.items.values()].filter(
      ({ id, state }) => state === 'open' || (id === item.value && (isEntering || state === 'between')),
    );
    ifNew(open.map(({ id }) => id), () => {
      const before = item.value;
      fill(item, open.map(({ id, name }) => el('option', { value: id, selected: id === before }, name)));
    });
    const on = chosen();
    if (!isEntering || !unit) unit = on?.unit ?? 0; // somebody may type before there is an item
    setText(now, on ? price(on) : t.nothing);
    amount.placeholder = on ? t.atLeast(desk.money.format(on.minimum)) : '';
  };
  const price = (/** @type {Item} */ on) =>
    on.state === 'open' && !on.stopped
      ? `${desk.money.format(on.price ?? on.starting_price)} ${on.leader ? t.by(on.leader) : ''}`
      : clockWords(on, Infinity, desk.session.time.now(), '');
  item.addEventListener('change', meanNow);
  const node = form(
    'panel floor',
    submit,
    el('p', { class: 'hint' }, t.desk.floorHint),
    field(t.desk.paddleOrName, paddle),
    field(t.item, item),
    now,
    field(t.amount(desk.room.currency), amount),
    field(t.desk.via, via),
    el('button', { type: 'submit' }, t.desk.enterBid),
  );
  return { node: el('section', {}, node, entered), draw: onceAFrame(drawNow), show: () => paddle.focus() };
}

/**
 * Bids from the hall and the telephone: paddle, item, amount, Enter. What is being entered is for the unit that was open
 * when that began: where it closes meanwhile, it is refused, and never lands on another.
 */

import { t } from '../texts.js';
import { choice, el, field, form, onceAFrame, setText } from '../ui/dom.js';
import { clockWords } from '../ui/words.js';

/** @param {Desk} desk */
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

  let shape = '';
  const drawNow = () => {
    const isEntering = Boolean(paddle.value || amount.value);
    const open = [...desk.view.items.values()].filter(
      ({ id, state }) => state === 'open' || (id === item.value && (isEntering || state === 'between')),
    );
    if (shape !== (shape = open.map((each) => each.id).join())) {
      const before = item.value;
      item.replaceChildren(...open.map((each) => el('option', { value: each.id, selected: each.id === before }, each.name)));
    }
    const on = chosen();
    if (!isEntering) unit = on?.unit ?? 0;
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

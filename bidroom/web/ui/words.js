/** Items, times and events in words of the reader's language. */

import { moment, t } from '../texts.js';
import { joined } from './dom.js';

const LONGEST_CALL_MS = 10_000;
const S = 1000;
const MIN = 60 * S;
const H = 60 * MIN;
const DAY = 24 * H;

/** Calm above a minute, where only minutes count. @param {number} left ms */
function leftWords(left) {
  if (left > DAY) return t.days(Math.floor(left / DAY), Math.floor((left % DAY) / H));
  if (left > H) return t.hours(Math.floor(left / H), Math.floor((left % H) / MIN));
  if (left > MIN) return t.minutes(Math.ceil(left / MIN));
  return t.seconds(Math.max(0, Math.ceil(left / S)));
}

/**
 * A third of the window, at most of ten seconds, for each of nothing, going once and going twice.
 * @param {number} left ms @param {number} window ms @param {boolean} led
 * @returns {'' | 'soon' | 'once' | 'twice'}
 */
export function call(left, window, led) {
  const span = Math.min(window, LONGEST_CALL_MS);
  if (left * 3 > span * 2) return left <= Math.max(span, LONGEST_CALL_MS) ? 'soon' : '';
  if (!led) return 'soon';
  return left * 3 > span ? 'once' : 'twice';
}

/** @param {Item} item */
export function aboutWords(item) {
  const units = item.units === 1 ? '' : item.state === 'open' ? t.unitOf(item.unit, item.units) : t.unitsOf(item.units);
  return joined(units, item.reserve && t.reserve[item.reserve]);
}

/**
 * What an item's price is, and who pays or bids it. What was bid in a round stays to be seen behind it, also where nobody
 * bought: so a unit counts as sold only where as many have gone.
 * @param {Item} item @returns {[string, string]}
 */
export function priceWords(item) {
  const { state, price, leader, unit, units, units_left } = item;
  if (price === null || leader === null) return [t.startsAt, ''];
  if (state === 'open') return [t.now, t.by(leader)];
  return units - units_left >= unit ? [t.soldFor, t.by(leader)] : [t.unsold, ''];
}

/** @param {Item} item @param {number} left @param {number} now @param {keyof typeof t.calls} called */
export function clockWords(item, left, now, called) {
  if (item.state === 'finished') return t.finished;
  if (item.stopped) return t.paused;
  if (item.state === 'between') {
    if (item.opens_at === null) return t.between;
    const wait = item.opens_at - now;
    return wait > 3_600_000 ? t.opensAt(moment(item.opens_at)) : t.opensIn(leftWords(wait));
  }
  if (left === Infinity) return t.waitsForBid;
  return joined(leftWords(left), t.calls[called]);
}

/**
 * @param {RoomEvent} event @param {View} view @param {Money} money
 */
export function tell(event, view, money) {
  const words = {
    money: (/** @type {number} */ amount) => money.format(amount),
    item: (/** @type {string} */ id, /** @type {number} */ unit) => {
      const item = view.items.get(id);
      return item && item.units > 1 && unit ? `${item.name} (${unit}/${item.units})` : (item?.name ?? id);
    },
  };
  const sentence = /** @type {Record<string, (event: any, words: any) => string>} */ (t.told)[event.type];
  return sentence ? sentence(event, words) : event.type;
}

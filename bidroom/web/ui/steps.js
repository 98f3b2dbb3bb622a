/** A price's history as a step line, with the paddle that made each step. */

import { el } from './dom.js';

const NS = 'http://www.w3.org/2000/svg';
const W = 320;
const H = 120;
const EDGE = 8;
/** About how wide a letter is. */
const LETTER = 6;

/** @param {string} tag @param {Record<string, string | number>} attributes @param {string} [text] */
function svg(tag, attributes, text) {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  if (text) node.textContent = text;
  return node;
}

/**
 * @param {Step[]} steps oldest first, at least one @param {number} now room time, ms
 * @param {string} words the same for those who don't see it
 */
export function stepLine(steps, now, words) {
  const first = steps[0];
  const last = steps[steps.length - 1];
  const [from, span] = [first.at, Math.max(now - first.at, 1000)];
  const amounts = steps.map((step) => step.amount);
  const [low, high] = [Math.min(...amounts), Math.max(...amounts)];
  const x = (/** @type {number} */ at) => EDGE + ((at - from) / span) * (W - 2 * EDGE);
  const y = (/** @type {number} */ amount) => H - 20 - ((amount - low) / Math.max(high - low, 1)) * (H - 48);
  const path = steps.map((step, n) => (n ? `H${x(step.at)}V${y(step.amount)}` : `M${x(step.at)} ${y(step.amount)}`));
  const drawing = svg('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': words, class: 'steps' });
  drawing.append(svg('path', { d: `${path.join('')}H${x(now)}`, class: 'line' }));
  for (const step of steps.slice(-60)) {
    const dot = svg('circle', { cx: x(step.at), cy: y(step.amount), r: 3 });
    dot.append(svg('title', {}, step.bidder));
    drawing.append(dot);
  }
  // Names where they have room, the latest first.
  let free = W;
  for (const step of [...steps].reverse().slice(0, 200)) {
    const name = step.bidder.length > 12 ? `${step.bidder.slice(0, 11)}…` : step.bidder;
    const right = Math.min(Math.max(x(step.at), LETTER * name.length + EDGE), W - 4);
    if (right > free && step !== last) continue;
    drawing.append(svg('text', { x: right, y: y(step.amount) - 7, 'text-anchor': 'end' }, name));
    free = right - LETTER * name.length - 12;
  }
  return el('figure', { class: 'history' }, /** @type {any} */ (drawing));
}

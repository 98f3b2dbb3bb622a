/** What a screen reader says: one polite region, filled at most every two seconds, with the latest of each matter. */

import { el } from './dom.js';

const PACE_MS = 2_000;

const region = el('p', { role: 'status', 'aria-live': 'polite', class: 'unseen' });
/** @type {Map<string, string>} */
const waiting = new Map();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
document.body.append(region);

/** @param {string} matter of two texts about the same only the later one is said @param {string} text */
export function speak(matter, text) {
  waiting.set(matter, text);
  timer ??= setTimeout(say, region.textContent ? PACE_MS : 100);
}

function say() {
  timer = undefined;
  region.textContent = [...waiting.values()].join(' ');
  waiting.clear();
}

/**
 * What is heard, felt and said beside what is seen. Browsers let a page sound only after a tap; sound and vibration can
 * be turned off, which is remembered. Screen readers have one polite region, filled at most every two seconds, with the
 * latest of each matter.
 */

import { lasting } from '../room/memory.js';
import { el } from './dom.js';

const store = lasting('signals');

/** Tones as pairs of Hz and seconds. @type {Record<string, [number, number][]>} */
const TONES = {
  outbid: [[440, 0.14], [330, 0.22]],
  won: [[523, 0.12], [659, 0.12], [784, 0.26]],
  closing: [[880, 0.09]],
};
const BUZZES = { outbid: [120, 60, 120], won: [60, 40, 60, 40, 240], closing: [60] };

export const signals = {
  ...{ sound: true, vibration: true },
  ...store.read(),

  /** @param {'sound' | 'vibration'} kind @param {boolean} on */
  set(kind, on) {
    signals[kind] = on;
    store.write({ sound: signals.sound, vibration: signals.vibration });
  },

  canVibrate: 'vibrate' in navigator && matchMedia('(pointer: coarse)').matches,
};

/** @type {AudioContext | undefined} */
let audio;
addEventListener('pointerdown', () => {
  audio ??= new AudioContext();
  if (audio.state === 'suspended') audio.resume();
});

/** @param {'outbid' | 'won' | 'closing'} kind */
export function signal(kind) {
  if (signals.vibration && signals.canVibrate && navigator.userActivation?.hasBeenActive) navigator.vibrate(BUZZES[kind]);
  if (signals.sound && audio) play(audio, TONES[kind]);
}

/** @param {AudioContext} on @param {[number, number][]} tones */
function play(on, tones) {
  let at = on.currentTime;
  for (const [pitch, length] of tones) {
    const tone = new OscillatorNode(on, { frequency: pitch, type: 'triangle' });
    const loudness = new GainNode(on, { gain: 0.2 });
    loudness.gain.setTargetAtTime(0, at + length * 0.6, 0.04);
    tone.connect(loudness).connect(on.destination);
    tone.start(at);
    tone.stop(at + length + 0.15);
    at += length;
  }
}

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

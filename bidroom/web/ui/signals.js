/**
 * What is heard and felt beside what is seen. Browsers let a page sound only after a tap; each kind can be turned off,
 * and is remembered.
 */

import { lasting } from '../room/memory.js';

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

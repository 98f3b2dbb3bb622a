/**
 * Everything the page says, in the reader's language. A language is one file in texts/, with the same keys as en.js.
 */

import { lasting } from './room/memory.js';

export const LANGUAGES = { en: 'English', de: 'Deutsch' };

const chosen = lasting('language');

function choose() {
  const wanted = [chosen.read(), ...navigator.languages.map((language) => language.slice(0, 2)), 'en'];
  return wanted.find((language) => language in LANGUAGES);
}

/** @type {keyof typeof LANGUAGES} */
export const language = choose();
document.documentElement.lang = language;

/** The reader's own way to write numbers and times, where it is that language's. */
export const locale = navigator.languages.find((one) => one.startsWith(language)) ?? language;

/** @type {Texts} */
export const t = (await import(`./texts/${language}.js`)).default;

/** @param {string} language */
export function speakIn(language) {
  chosen.write(language);
  location.reload();
}

const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
const minutes = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
const days = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

/** @param {number} at ms */
export const clockTime = (at) => clock.format(at);

/** A moment: the time alone where it is today. @param {number} at ms */
export function moment(at) {
  return new Date(at).toDateString() === new Date().toDateString() ? minutes.format(at) : days.format(at);
}

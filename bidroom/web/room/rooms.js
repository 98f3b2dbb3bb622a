/** Which of the server's rooms this page is about, and what is fetched of it over HTTP. */

import { el } from '../ui/dom.js';
import { t } from '../texts.js';

/** @param {string} path @param {RequestInit} [options] @returns {Promise<any>} */
export async function get(path, options) {
  const response = await fetch(path, options);
  if (!response.ok) throw new Error((await response.json().catch(() => ({}))).message ?? response.statusText);
  return response.json();
}

/** Where something of a room is. @param {string} room @param {string} path */
export const roomPath = (room, path) => `/api/rooms/${encodeURIComponent(room)}/${path}`;

/** Try until it works: a page may be opened while the server is away. @param {() => Promise<any>} ask @returns {Promise<any>} */
export async function untilThere(ask) {
  for (let wait = 250; ; wait = Math.min(wait * 2, 10_000)) {
    try {
      return await ask();
    } catch {
      await new Promise((go) => setTimeout(go, Math.random() * wait));
    }
  }
}

/**
 * The room that the address names, or the only one there is. Where there are several, people choose; then the page is
 * another one, and this never ends.
 * @param {HTMLElement} main where to let people choose @returns {Promise<RoomLine>}
 */
export async function findRoom(main) {
  /** @type {RoomLine[]} */
  const rooms = await untilThere(() => get('/api/rooms'));
  const wanted = new URLSearchParams(location.search).get('room');
  const found = wanted === null && rooms.length === 1 ? rooms[0] : rooms.find((room) => room.id === wanted);
  if (found) return found;
  const links = rooms.map((room) => {
    const address = `?room=${encodeURIComponent(room.id)}${location.hash}`;
    return el('li', {}, el('a', { href: address }, room.name), room.finished && ` (${t.finished})`);
  });
  const title = wanted === null ? t.whichRoom : t.noRoom;
  main.replaceChildren(el('section', { class: 'panel' }, el('h2', {}, title), el('ul', { class: 'rooms' }, ...links)));
  return new Promise(() => {});
}

/** The items' descriptions, by id. @param {string} room @returns {Promise<Map<string, Description>>} */
export async function fetchEntries(room) {
  /** @type {Description[]} */
  const entries = await untilThere(() => get(roomPath(room, 'catalogue')));
  return new Map(entries.map((entry) => [entry.id, entry]));
}

/** What stands behind `#` in the address, which is then taken out of it: it is a secret. @param {string} name */
export function takeSecret(name) {
  const value = new URLSearchParams(location.hash.slice(1)).get(name);
  if (value !== null) history.replaceState(null, '', location.pathname + location.search);
  return value;
}

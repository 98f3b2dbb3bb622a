/** What all three pages have around what they show: the room's name, the connection, settings, news for everyone. */

import { LANGUAGES, language, moment, speakIn, t } from '../texts.js';
import { button, byId, dialog, el, field, setText } from './dom.js';
import { signals } from './attention.js';

/** @param {Session} session */
export function followLink(session) {
  const link = byId('link');
  const draw = () => {
    link.dataset.online = String(session.online);
    setText(link, session.online ? t.online : session.view ? t.offline : t.connecting);
  };
  session.on('link', draw);
  addEventListener('offline', draw);
  draw();
}

/** Banners for the whole room: stopped, ending, finished, announced. @param {Session} session */
export function news(session) {
  const state = el('p', { class: 'news', role: 'status', hidden: true });
  const text = el('p', {});
  const said = el('p', { class: 'hint' });
  const shut = button('✕', () => dismiss(), 'quiet close', t.dismiss);
  const announced = el('div', { class: 'news announced', role: 'status', hidden: true }, el('div', {}, text, said), shut);
  let dismissed = 0;
  const dismiss = () => {
    dismissed = session.view?.announcement?.at ?? 0;
    draw();
  };
  const draw = () => {
    const view = session.view;
    if (!view) return;
    const words = !session.online ? t.away : view.finished ? t.roomFinished : view.paused ? t.roomPaused : view.closing ? t.roomClosing : '';
    state.hidden = !words;
    setText(state, words);
    const announcement = view.announcement;
    announced.hidden = !announcement || announcement.at <= dismissed;
    setText(text, announcement?.text ?? '');
    setText(said, announcement ? `${announcement.by}, ${moment(announcement.at)}` : '');
  };
  return { node: el('div', { class: 'board' }, state, announced), draw };
}

/** @param {...HTMLElement} more what else can be set @returns {HTMLElement} the button that opens the settings */
export function settings(...more) {
  /** @param {'sound' | 'vibration'} kind */
  const toggle = (kind) => {
    const change = () => signals.set(kind, box.checked);
    const box = el('input', { type: 'checkbox', onchange: change, checked: signals[kind] });
    return el('label', { class: 'toggle' }, box, el('span', {}, t[kind]));
  };
  const open = () => {
    const options = Object.entries(LANGUAGES).map(([id, name]) => el('option', { value: id, selected: id === language }, name));
    const choose = el('select', { onchange: () => speakIn(choose.value) }, options);
    dialog(
      t.settings,
      t.close,
      toggle('sound'),
      signals.canVibrate && toggle('vibration'),
      field(t.language, choose),
      ...more,
    );
  };
  return button('⚙', open, 'quiet gear', t.settings);
}

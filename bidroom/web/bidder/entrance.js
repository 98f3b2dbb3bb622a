/** How one becomes a bidder: a name, or the code of an invitation. */

import { t } from '../texts.js';
import { el, field, form, problemLine, setText } from '../ui/dom.js';

/**
 * @param {RoomLine} room
 * @param {(who: {name?: string, code?: string}) => void} join
 */
export function entrance(room, join) {
  const byCode = room.registration === 'invite';
  const attributes = byCode
    ? { name: 'code', autocomplete: 'one-time-code', autocapitalize: 'characters', spellcheck: 'false', maxlength: 64 }
    : { name: 'name', autocomplete: 'nickname', maxlength: 40 };
  const input = el('input', { type: 'text', required: true, ...attributes });
  const said = problemLine();
  const hint = byCode ? t.codeHint : room.bidders === 'paddles' ? t.namePaddleHint : t.nameHint;
  const submit = () => {
    const value = input.value.trim();
    if (value) join(byCode ? { code: value } : { name: value });
  };
  const node = form(
    'panel entrance',
    submit,
    el('h2', {}, t.joinTitle),
    el('p', { class: 'hint' }, t.joinHint),
    field(byCode ? t.code : t.name, input, hint),
    said,
    el('button', { type: 'submit' }, t.join),
  );
  return { node, say: (/** @type {string} */ text) => setText(said, text), input };
}

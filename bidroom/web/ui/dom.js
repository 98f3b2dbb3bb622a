/** Elements, made and changed with as little as possible. Text always goes in as text. */

/** @typedef {string | Node | null | undefined | false | 0} Child */

/**
 * An element. Of `props`, those that begin with "on" are listeners, the rest attributes (true: present; null, false: not).
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Record<string, any>} [props] @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, String(value));
  }
  node.append(...present(children));
  return node;
}

/** @param {(Child | Child[])[]} children */
const present = (children) => /** @type {(string | Node)[]} */ (children.flat().filter((child) => child || child === ''));

/** These in place of what is in the node. @param {Element} node @param {...(Child | Child[])} children */
export const fill = (node, ...children) => node.replaceChildren(...present(children));

/** What there is of these words. @param {...(string | false | null | undefined | 0)} words */
export const joined = (...words) => words.filter(Boolean).join(' · ');

/** @param {Element} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @param {Element} node @param {string} name @param {string | null} value */
export function setAttr(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/** Something to do once before the next picture, however often it is asked for. @param {() => void} draw */
export function onceAFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

/** Draws only where what it is drawn from is new: what stays keeps the keyboard's focus, and what is being typed.
 * @returns {(from: unknown, draw: () => void) => void} */
export function whenNew() {
  let last = '';
  return (from, draw) => {
    const now = JSON.stringify(from);
    if (now === last) return;
    last = now;
    draw();
  };
}

let fields = 0;

/** A labelled field of a form. @param {string} label @param {HTMLElement} input @param {string} [hint] */
export function field(label, input, hint) {
  input.id = `field${++fields}`;
  if (hint) input.setAttribute('aria-describedby', `hint${fields}`);
  const more = hint && el('small', { id: `hint${fields}` }, hint);
  return el('div', { class: 'field' }, el('label', { for: input.id }, label), input, more);
}

/** A form that only this page reads. @param {string} kind @param {() => void} submit @param {...(Child | Child[])} children */
export function form(kind, submit, ...children) {
  const send = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    submit();
  };
  return el('form', { class: kind, onsubmit: send }, ...children);
}

/** A choice among names. @param {Record<string, string>} names by what each stands for */
export const choice = (names) =>
  el('select', {}, Object.entries(names).map(([value, name]) => el('option', { value }, name)));

/** A button. The second click of a double click does nothing. @param {string} words @param {() => void} act @param {string} [kind] @param {string} [label] */
export const button = (words, act, kind = 'quiet', label) =>
  el('button', { type: 'button', class: kind, onclick: (/** @type {MouseEvent} */ { detail }) => detail < 2 && act(), 'aria-label': label }, words);

/** Where it is said what is wrong. */
export const problemLine = (text = '') => el('p', { class: 'said', role: 'alert', 'data-kind': 'bad' }, text);

/** A modal dialog with a heading and a way out, which is gone when it is closed.
 * @param {string} title @param {string} close @param {...(Child | Child[])} children */
export function dialog(title, close, ...children) {
  const shut = button('✕', () => box.close(), 'quiet close', close);
  const box = el('dialog', { 'aria-label': title, closedby: 'any' }, el('header', {}, el('h2', {}, title), shut), ...children);
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
  return box;
}

// Makes elements. Text is always set as text, never as markup; styles are classes only (the page's policy forbids others).

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An element: `h('button', { class: 'primary', onclick: save, 'aria-label': 'Save' }, 'Save')`.
 * `on…` are listeners; `true` sets a bare attribute; null, undefined and false leave one out; `value`, `checked`,
 * `selected`, `indeterminate` are properties. Children: nodes, text, lists of them; null, undefined and false are left out.
 */
export function h(tag, attributes = null, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG: `s('path', { d: '…' })`. */
export function s(tag, attributes = null, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

const PROPERTIES = new Set(['value', 'checked', 'selected', 'indeterminate']);

function fill(element, attributes, children) {
  const late = [];
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name)) late.push([name, value]);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  // A select's value holds only once its options are there.
  for (const [name, value] of late) element[name] = value;
  return element;
}

/** Appends children as `h` does. */
export function append(element, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === true) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** Gives an element other children. */
export function replace(element, ...children) {
  element.replaceChildren();
  return append(element, ...children);
}

/** Gives an element these children; those that stay are not touched, so that neither a press nor the focus on them is lost. */
export function sync(parent, children) {
  const wanted = new Set(children);
  for (const old of [...parent.children]) if (!wanted.has(old)) old.remove();
  let at = parent.firstElementChild;
  for (const child of children) {
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
  }
}

/**
 * Keeps a list: `draw([[key, words, make], …])` puts the element that `make()` gave for each key in its place. One is made
 * anew only when what it shows, `words`, is another, and has the focus then where the one before had it.
 */
export function keptList(parent) {
  let rows = new Map();
  const places = (element) => [...element.querySelectorAll('button, summary')];
  return (items) => {
    const before = rows;
    const focused = document.activeElement;
    rows = new Map(items.map(([key, words, make]) => {
      const old = before.get(key);
      return [key, old?.words === words ? old : { words, element: make(old?.element) }];
    }));
    sync(parent, [...rows.values()].map(({ element }) => element));
    for (const [key, { element }] of before) {
      const at = element === rows.get(key)?.element ? -1 : places(element).indexOf(focused);
      if (at >= 0) places(rows.get(key)?.element ?? element)[at]?.focus({ preventScroll: true });
    }
  };
}

/** Text with `code` between back quotes, as the rules' pages and messages write it. */
export function prose(text) {
  return String(text).split(/(`[^`\n]+`)/).map((part) => (part.length > 2 && part.startsWith('`') && part.endsWith('`') ? h('code', null, part.slice(1, -1)) : part));
}

/** The class that shows a message with a capital, unless it begins with a name such as `iOS`, and other classes. */
export function sentence(text, more = '') {
  const [word] = /^[a-z]+/.exec(text) ?? [''];
  const plain = word && (word.length === text.length || /[\s,:]/.test(text[word.length]));
  return `${plain ? 'sentence ' : ''}${more}`.trim() || null;
}

/** Icons: paths on a 16 by 16 grid, drawn with a line of the text's colour. */
const ICONS = {
  error: ['M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2z', 'M8 4.6v4', 'M8 11.2v.2'],
  warning: ['M8 2 14.8 13.8H1.2z', 'M8 6.4v3.4', 'M8 11.7v.2'],
  notice: ['M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z', 'M8 7.4v3.8', 'M8 4.7v.2'],
  ok: ['M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z', 'm5 8.2 2.1 2.1L11 6'],
  unknown: ['M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z', 'M6 6.2c.2-2.6 4-2.4 4 0 0 1.5-2 1.5-2 3', 'M8 11.4v.2'],
  close: ['m4 4 8 8', 'm12 4-8 8'],
  open: ['M1.8 12.8V3.2h4l1.6 1.8h6.8v7.8z'],
  paste: ['M5.5 2.5h-2v12h9v-12h-2', 'M5.5 1.5h5v2.4h-5z'],
  copy: ['M5.5 5.5h8v8h-8z', 'M10.5 5.5v-3h-8v8h3'],
  download: ['M8 2v8', 'm4.5 7 3.5 3.5L11.500 7', 'M2.500 13.500h11'],
  undo: ['M3 6.500h6.500a3.500 3.500 0 0 1 0 7H6', 'M6 3.500 3 6.500l3 3'],
  redo: ['M13 6.500H6.500a3.500 3.500 0 0 0 0 7H10', 'm10 3.500 3 3-3 3'],
  fix: ['m2.500 13.500 7-7', 'm11.500 1.800.700 2 2 .700-2 .700-.700 2-.700-2-2-.700 2-.700z', 'M4.500 2.500v3', 'M3 4h3', 'M12.500 10.500v3', 'M11 12h3'],
  share: ['M4 6.500H2.800v7.700h10.400V6.500H12', 'M8 1.800v8', 'm5 4.500 3-3 3 3'],
  lock: ['M3.500 7h9v7h-9z', 'M5.500 7V5a2.500 2.500 0 0 1 5 0v2'],
  sun: ['M8 5.200a2.800 2.800 0 1 1 0 5.600 2.800 2.800 0 0 1 0-5.600z', 'M8 1v1.600M8 13.400V15M1 8h1.600M13.400 8H15M3 3l1.200 1.200M11.800 11.800 13 13M13 3l-1.200 1.200M4.200 11.800 3 13'],
  moon: ['M13.500 9.600A6 6 0 0 1 6.400 2.500a6 6 0 1 0 7.100 7.100z'],
  auto: ['M8 1.500a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13z', 'M8 1.500v13', 'M10 3.200v9.600M12 4.800v6.400'],
  plus: ['M8 3v10', 'M3 8h10'],
  chevron: ['m6 3.500 4.500 4.500L6 12.500'],
  up: ['m3.500 10 4.500-4.500L12.500 10'],
  down: ['m3.500 6 4.500 4.500L12.500 6'],
  trash: ['M2.500 4h11', 'M6 4V2.500h4V4', 'm4 4 .600 10h6.800L12 4', 'M6.700 6.800v4.500M9.300 6.800v4.500'],
  device: ['M4.500 1.500h7v13h-7z', 'M7 12.200h2'],
  arrow: ['M2.500 8h11', 'M9.500 4l4 4-4 4'],
  eye: ['M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8z', 'M8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4z'],
  key: ['M5 7.500a3 3 0 1 1 0 6 3 3 0 0 1 0-6z', 'm7.200 8.300 6-6', 'm11 4.500 2 2'],
};

/** An icon; the word beside it carries the meaning, so it is hidden from screen readers. */
export function icon(name, more = '') {
  const paths = (ICONS[name] ?? ICONS.notice).map((d) => s('path', { d }));
  return s('svg', { class: `icon icon-${name} ${more}`.trim(), viewBox: '0 0 16 16', 'aria-hidden': 'true', focusable: 'false' }, paths);
}

/** Whether two lists hold the same things in the same order. */
export const same = (one, other) => one.length === other.length && one.every((value, at) => value === other[at]);

/** A number of things: `count(2, 'error')` is "2 errors". */
export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

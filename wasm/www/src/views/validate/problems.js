// The list of problems: grouped by payload, filtered by severity and target, each one a button that goes to its place.
//
// Of a long list one page is shown, so that two thousand findings are no more work than a hundred, and that is drawn in slices
// between which keys are taken. What stays the same stays in the document: the focus, what a screen reader is at, and the place
// one has scrolled to.

import { count, h, icon, prose, replace, sentence, sync } from '../../dom.js';
import { isCurrent } from '../../checker.js';
import { whenReleased } from '../../shell/press.js';
import { countsOf, numbersOf } from '../../verdict.js';
import { shareFinding } from './share.js';
import { targetTitle } from './targets.js';

const PAGE = 100;
/** How many findings are drawn at once. */
const SLICE = 25;
const RANK = { error: 0, warning: 1, notice: 2 };
const WORDS = { error: ['error', 'errors'], warning: ['warning', 'warnings'], notice: ['notice', 'notices'] };

export function problemList(context) {
  const { state, engine } = context;
  const shownOf = { error: true, warning: true, notice: true };
  let target = ''; // as the settings have it; '' is all
  let from = 0; // where the page that is shown begins in the list
  let selected = null; // the key of the finding that is unfolded
  let file = null;
  let keys = []; // of the findings: what they are told by after another check
  let groups = []; // the payloads that they are in
  let rows = new Map(); // by key { element, words, update }
  const heads = new Map(); // by payload the heading and the list of its findings
  let timer = 0; // of the next slice
  let busy = true;
  let drawn = {};
  let payloads = [];
  let payloadsFor = null;

  const heading = h('h2', null, 'Problems');
  const filters = Object.keys(WORDS).map((severity) => {
    const label = h('span', null);
    return h('button', { type: 'button', class: 'filter', 'data-severity': severity, 'aria-pressed': 'true', onclick: () => toggle(severity) }, icon(severity), label);
  });
  const targetFilter = h('select', { class: 'button small', 'aria-label': 'Problems of', onchange: () => {
    target = targetFilter.value;
    draw();
  } });
  const body = h('div', { class: 'problems' });
  const element = h(
    'section',
    { class: 'panel', 'aria-label': 'Problems', 'aria-busy': 'true' },
    h('div', { class: 'panel-head' }, heading, h('div', { class: 'row filters', role: 'group', 'aria-label': 'Show by severity' }, filters), targetFilter),
    body,
  );

  function toggle(severity) {
    shownOf[severity] = !shownOf[severity];
    draw();
  }

  /** The numbers of the findings that pass the filters, as they are listed: by payload, the worst first, then by place. */
  function visible() {
    const marks = file?.marks ?? [];
    const order = (index) => groups[index] * 3 + RANK[marks[index].severity];
    const of = file?.report?.per_target?.[file.targets.indexOf(target)];
    return [...(of?.concerns ?? marks.keys())]
      .filter((index) => shownOf[marks[index].severity])
      .sort((a, b) => order(a) - order(b) || a - b);
  }

  function groupOf({ path }) {
    const number = /^PayloadContent\[(\d+)\]/.exec(path)?.[1];
    return number === undefined ? -1 : Number(number);
  }

  function title(group) {
    if (group < 0) return [h('span', null, 'The profile')];
    const { type, name } = payloads[group] ?? {};
    return [h('span', null, name || type || `Payload ${group + 1}`), name && type ? h('code', null, type) : null];
  }

  /** Draws the list; of rows that have to be made, so many now, and the others in slices. */
  function draw(room = SLICE) {
    clearTimeout(timer);
    timer = 0;
    const targets = file?.targets ?? [];
    if (!targets.includes(target)) target = '';
    targetFilter.hidden = targets.length < 2;
    replace(targetFilter, h('option', { value: '' }, 'All targets'), targets.map((value) => h('option', { value }, targetTitle(value, state.get()))));
    targetFilter.value = target;
    const list = visible();
    const counts = countsOf({ diagnostics: file?.marks ?? [] });
    for (const filter of filters) {
      const { severity } = filter.dataset;
      filter.setAttribute('aria-pressed', String(shownOf[severity]));
      filter.lastChild.textContent = count(counts[severity], ...WORDS[severity]);
      filter.disabled = !counts[severity];
    }
    // A slice of new rows; whose words are old waits for the next one, and so does what has no row yet.
    let waits = false;
    // Rows that are not listed now are kept for a while: a tag that is being typed takes all findings away, and brings them back.
    if (rows.size > 3 * PAGE) rows = new Map([...rows].filter(([, { element }]) => element.isConnected));
    const sections = new Map();
    while (from && from >= list.length) from -= PAGE;
    for (const index of list.slice(from, from + PAGE)) {
      const key = keys[index];
      const words = wordsOf(index);
      let row = rows.get(key);
      if (row?.words !== words) {
        if (room > 0 || key === selected) {
          row = { element: problem(index), words };
          room -= 1;
        } else waits = true;
      }
      if (!row) continue;
      rows.set(key, row);
      placed(row.element, index);
      if (!sections.has(groups[index])) sections.set(groups[index], []);
      sections.get(groups[index]).push(row.element);
    }
    const focus = body.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    const hint = (...words) => h('p', { class: 'hint more' }, words);
    sync(body, file?.marks && list.length ? [
      from > 0 && h('button', { class: 'button small more', type: 'button', 'data-focus': 'before', onclick: () => turn(-PAGE) }, `Show the ${PAGE} before`),
      ...[...sections].flatMap(([group, elements]) => section(group, elements)),
      list.length > PAGE && hint(`${from + 1} to ${Math.min(from + PAGE, list.length)} of ${count(list.length, 'problem')}.`),
      list.length > from + PAGE && h('button', { class: 'button small more', type: 'button', 'data-focus': 'more', onclick: () => turn(PAGE) }, `Show ${Math.min(PAGE, list.length - from - PAGE)} more`),
      file.report.suppressed > 0 && hint(`${count(file.report.suppressed, 'further problem')} not listed: mend some of these first.`),
      file.report.ignored_by_comment > 0 && hint(`${count(file.report.ignored_by_comment, 'problem')} silenced by comments in the file.`),
      h('p', { class: 'hint more keys' }, h('kbd', null, 'F8'), ' goes to the next problem, ', h('kbd', null, 'Shift F8'), ' to the one before.'),
    ].filter(Boolean) : [h('p', { class: 'empty' }, nothing())]);
    if (focus && document.activeElement?.dataset.focus !== focus) body.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
    if (waits) later();
    else element.setAttribute('aria-busy', String(busy));
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(whenReleased, 0, draw);
    element.setAttribute('aria-busy', 'true');
  }

  /** Why the list is empty. */
  function nothing() {
    if (file?.marks) return file.marks.length ? 'The filters hide every problem.' : 'No problems were found.';
    return file?.failure ?? (state.get().engine === 'failed' ? 'Nothing can be checked.' : 'Checking …');
  }

  /** The heading and the list of a group: those that are there, with other rows. */
  function section(group, elements) {
    if (!heads.has(group)) heads.set(group, [h('h3', { class: 'group' }), h('ol', { class: 'problem-list' })]);
    const [heading, ol] = heads.get(group);
    const words = title(group).filter(Boolean);
    if (heading.textContent !== words.map(({ textContent }) => textContent).join('')) replace(heading, words);
    sync(ol, elements);
    return [heading, ol];
  }

  /** Shows another page, from its first problem on. */
  function turn(step) {
    from += step;
    draw();
    body.querySelector('.problem-button')?.focus();
  }

  /** What a row shows, but for its number and its line, which every edit above it changes. */
  function wordsOf(index) {
    const found = file.marks[index];
    const open = keys[index] === selected;
    return JSON.stringify([found.severity, found.code, found.message, found.path, open && [index, found, file.checked === file.revision, state.get().rulePages?.[found.code]]]);
  }

  /** Puts number and line of a finding into its row. */
  function placed(row, index) {
    const button = row.firstChild;
    const { location, path } = file.marks[index];
    const place = [location?.line ? `Line ${location.line}` : '', path.replace(/^PayloadContent\[\d+\]\.?/, '')].filter(Boolean).join(' · ');
    if (button.lastChild.textContent !== place) button.lastChild.textContent = place;
    button.dataset.index = index;
    button.dataset.focus = `problem ${index}`;
  }

  function problem(index) {
    const found = file.marks[index];
    const open = keys[index] === selected;
    const button = h(
      'button',
      { type: 'button', class: 'problem-button', 'aria-expanded': String(open), onclick: () => choose(Number(button.dataset.index)) },
      icon(found.severity),
      h('span', { class: 'problem-text' }, h('span', { class: 'visually-hidden' }, `${found.severity}: `), h('span', { class: sentence(found.message, 'problem-message') }, prose(found.message))),
      h('code', { class: 'problem-code' }, found.code),
      h('span', { class: 'problem-place' }),
    );
    return h('li', { class: open ? `problem ${found.severity} open` : `problem ${found.severity}` }, button, open && details(found, index));
  }

  function details(found, index) {
    const page = state.get().rulePages?.[found.code];
    const current = file.checked === file.revision;
    return h(
      'div',
      { class: 'problem-details' },
      found.help && !found.fixes.some(({ title }) => title === found.help) && h('p', { class: sentence(found.help) }, prose(found.help)),
      found.fixes.map((fix, number) =>
        h(
          'div',
          { class: 'fix' },
          fix.safety !== 'display-only'
            ? h('button', { class: 'button small', type: 'button', 'data-focus': `fix ${index} ${number}`, disabled: !current, onclick: () => context.applyFix(index, number) }, icon('fix'), h('span', { class: sentence(fix.title) }, fix.title))
            : h('span', { class: 'row' }, icon('fix'), prose(fix.title)),
          fix.safety === 'unsafe' && h('span', { class: 'hint' }, 'changes what the profile does'),
        ),
      ),
      found.related.length > 0 && h('ul', { class: 'related' }, found.related.map((related) =>
        h('li', null, related.location ? h('button', { class: 'link', type: 'button', onclick: () => context.reveal(related.location) }, related.message, related.location.line ? ` (line ${related.location.line})` : '') : related.message))),
      page && h('details', { class: 'rule' }, h('summary', null, 'About this rule'), h('p', null, prose(page.what)), h('p', null, prose(page.why)), h('p', null, prose(page.mend))),
      found.path && h('p', { class: 'hint' }, 'Key: ', h('code', null, found.path)),
      found.source && h('p', { class: 'hint' }, 'Source: ', found.source),
      h(
        'div',
        { class: 'row' },
        found.location && h('button', { class: 'button small', type: 'button', 'data-focus': `go ${index}`, onclick: () => context.select(index, { focus: true }) }, icon('arrow'), 'Go to the source'),
        h('button', { class: 'button small quiet', type: 'button', 'data-focus': `share ${index}`, onclick: () => shareFinding(context, file, found) }, icon('share'), 'Share as text'),
      ),
    );
  }

  function choose(index) {
    selected = selected === keys[index] ? null : keys[index];
    draw();
    if (selected) context.select(index, { list: false });
  }

  return {
    element,

    /** Unfolds a finding and scrolls the list to it. */
    select(index) {
      selected = keys[index];
      const at = visible().indexOf(index);
      if (at >= 0) from = at - (at % PAGE);
      const had = body.contains(document.activeElement);
      // A whole page: rows that came above it later would push it out of sight.
      draw(PAGE);
      const button = rows.get(selected)?.element.firstChild;
      button?.scrollIntoView({ block: 'nearest' });
      if (had) button?.focus();
    },

    /** The finding after (1) or before (-1) the one that is unfolded, or after a place in the text; null if there is none. */
    next(step, cursor) {
      const list = visible();
      if (!list.length) return null;
      if (cursor === null) {
        const at = list.findIndex((index) => keys[index] === selected);
        return list[at < 0 ? (step > 0 ? 0 : list.length - 1) : (at + step + list.length) % list.length];
      }
      const start = (index) => file.marks[index].location?.utf16_start ?? -1;
      const byPlace = list.filter((index) => start(index) >= 0).sort((a, b) => start(a) - start(b));
      if (!byPlace.length) return null;
      const at = byPlace.findIndex((index) => keys[index] === selected);
      if (at >= 0 && start(byPlace[at]) === cursor) return byPlace[(at + step + byPlace.length) % byPlace.length];
      const beyond = step > 0 ? byPlace.find((index) => start(index) > cursor) : byPlace.findLast((index) => start(index) < cursor);
      return beyond ?? (step > 0 ? byPlace[0] : byPlace.at(-1));
    },

    update(now, values) {
      // Busy until what is listed is the verdict on the text that is shown.
      busy = !now?.failure && (!now?.marks || now.checked !== now.revision || !isCurrent(now, values));
      if (busy || !timer) element.setAttribute('aria-busy', String(busy));
      const key = { id: now?.id, marks: now?.marks, failure: now?.failure, engine: values.engine, current: now?.checked === now?.revision, pages: values.rulePages, payloads };
      if (Object.keys(key).every((name) => drawn[name] === key[name])) return;
      if (drawn.id !== key.id) from = 0;
      if (drawn.marks !== key.marks) {
        const numbers = numbersOf(now?.marks ?? []);
        keys = numbers.map((number, index) => `${now.id} ${now.marks[index].code} ${now.marks[index].path} ${number}`);
        groups = (now?.marks ?? []).map(groupOf);
      }
      drawn = key;
      file = now;
      // What the editor does with the findings and what a long list does are two pauses, not one.
      if (rows.size > SLICE) later();
      else draw();
      if (now?.marks && payloadsFor !== now.marks && now.text !== null) {
        payloadsFor = now.marks;
        engine.latest('payloads', 'payloadsOf', now.text).then((found) => {
          if (!found || JSON.stringify(found) === JSON.stringify(payloads)) return;
          payloads = found;
          draw();
        }, () => {});
      }
    },
  };
}

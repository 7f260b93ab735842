// The list of problems: grouped by payload, filtered by severity and target, each one a button that goes to its place.
//
// A long list is drawn a page at a time: a thousand findings are no more work than a hundred.

import { count, h, icon, prose, replace, sentence } from '../../dom.js';
import { isCurrent } from '../../checker.js';
import { countsOf } from '../../verdict.js';
import { shareFinding } from './share.js';
import { targetTitle } from './targets.js';

const PAGE = 100;
const RANK = { error: 0, warning: 1, notice: 2 };
const WORDS = { error: ['error', 'errors'], warning: ['warning', 'warnings'], notice: ['notice', 'notices'] };

export function problemList(context) {
  const { state, engine } = context;
  const shownOf = { error: true, warning: true, notice: true };
  let target = '';
  let limit = PAGE;
  let selected = null; // `code path` of the finding that is unfolded, and its number
  let file = null;
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
    const order = (index) => groupOf(marks[index].path) * 3 + RANK[marks[index].severity];
    return marks
      .map((_, index) => index)
      .filter((index) => shownOf[marks[index].severity] && (!target || concerns(marks[index], target)))
      .sort((a, b) => order(a) - order(b) || a - b);
  }

  /** A finding names the targets it is about in its message, or is about all. */
  function concerns(found, name) {
    const named = targetNames().filter((one) => names(found.message, one));
    return named.length === 0 || named.includes(name);
  }

  /** Whether a message names a system: iOS 26 is not named by iOS 26.1. */
  function names(message, one) {
    const at = message.indexOf(one);
    return at >= 0 && (!/^[.\d]/.test(message.slice(at + one.length)) || names(message.slice(at + 1), one));
  }

  const targetNames = () => (file?.targets ?? []).map((target) => targetTitle(target, state.get()));

  const keyOf = (index) => (file?.marks?.[index] ? `${file.id} ${file.marks[index].code} ${file.marks[index].path}` : null);

  function groupOf(path) {
    const number = /^PayloadContent\[(\d+)\]/.exec(path)?.[1];
    return number === undefined ? -1 : Number(number);
  }

  function title(group) {
    if (group < 0) return [h('span', null, 'The profile')];
    const { type, name } = payloads[group] ?? {};
    return [h('span', null, name || type || `Payload ${group + 1}`), name && type ? h('code', null, type) : null];
  }

  function draw() {
    const list = visible();
    const counts = countsOf({ diagnostics: file?.marks ?? [] });
    for (const filter of filters) {
      const { severity } = filter.dataset;
      filter.setAttribute('aria-pressed', String(shownOf[severity]));
      filter.lastChild.textContent = count(counts[severity], ...WORDS[severity]);
      filter.disabled = !counts[severity];
    }
    const names = targetNames();
    if (!names.includes(target)) target = '';
    targetFilter.hidden = names.length < 2;
    replace(targetFilter, h('option', { value: '' }, 'All targets'), names.map((name) => h('option', { value: name }, name)));
    targetFilter.value = target;

    if (!file?.marks) {
      replace(body, h('p', { class: 'empty' }, file?.failure ?? (state.get().engine === 'failed' ? 'Nothing can be checked.' : 'Checking …')));
      return;
    }
    if (!list.length) {
      replace(body, h('p', { class: 'empty' }, file.marks.length ? 'The filters hide every problem.' : 'No problems were found.'));
      return;
    }
    const groups = new Map();
    for (const index of list.slice(0, limit)) {
      const group = groupOf(file.marks[index].path);
      groups.set(group, [...(groups.get(group) ?? []), index]);
    }
    const focus = body.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    replace(
      body,
      [...groups].map(([group, indexes]) => [
        h('h3', { class: 'group' }, title(group)),
        h('ol', { class: 'problem-list' }, indexes.map(problem)),
      ]),
      list.length > limit && h('button', { class: 'button small more', type: 'button', onclick: more }, `Show ${Math.min(PAGE, list.length - limit)} more of ${list.length}`),
      file.report.suppressed > 0 && h('p', { class: 'hint more' }, `${count(file.report.suppressed, 'further problem')} not listed: mend some of these first.`),
      file.report.ignored_by_comment > 0 && h('p', { class: 'hint more' }, `${count(file.report.ignored_by_comment, 'problem')} silenced by comments in the file.`),
      h('p', { class: 'hint more keys' }, h('kbd', null, 'F8'), ' goes to the next problem, ', h('kbd', null, 'Shift F8'), ' to the one before.'),
    );
    if (focus) body.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
  }

  function more() {
    limit += PAGE;
    draw();
  }

  function problem(index) {
    const found = file.marks[index];
    const open = keyOf(index) === selected;
    const place = found.location?.line ? `Line ${found.location.line}` : '';
    return h(
      'li',
      { class: open ? `problem ${found.severity} open` : `problem ${found.severity}` },
      h(
        'button',
        { type: 'button', class: 'problem-button', 'data-index': index, 'data-focus': `problem ${index}`, 'aria-expanded': String(open), onclick: () => choose(index) },
        icon(found.severity),
        h('span', { class: 'problem-text' }, h('span', { class: 'visually-hidden' }, `${found.severity}: `), h('span', { class: sentence(found.message, 'problem-message') }, prose(found.message))),
        h('code', { class: 'problem-code' }, found.code),
        h('span', { class: 'problem-place' }, [place, found.path.replace(/^PayloadContent\[\d+\]\.?/, '')].filter(Boolean).join(' · ')),
      ),
      open && details(found, index),
    );
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
    selected = selected === keyOf(index) ? null : keyOf(index);
    draw();
    if (selected) context.select(index, { list: false });
  }

  return {
    element,

    /** Unfolds a finding and scrolls the list to it. */
    select(index) {
      selected = keyOf(index);
      const at = visible().indexOf(index);
      if (at >= limit) limit = Math.ceil((at + 1) / PAGE) * PAGE;
      const had = body.contains(document.activeElement);
      draw();
      const button = body.querySelector(`[data-index="${index}"]`);
      button?.scrollIntoView({ block: 'nearest' });
      if (had) button?.focus();
    },

    /** The finding after (1) or before (-1) the one that is unfolded, or after a place in the text; null if there is none. */
    next(step, cursor) {
      const list = visible();
      if (!list.length) return null;
      if (cursor === null) {
        const at = list.findIndex((index) => keyOf(index) === selected);
        return list[at < 0 ? (step > 0 ? 0 : list.length - 1) : (at + step + list.length) % list.length];
      }
      const start = (index) => file.marks[index].location?.utf16_start ?? -1;
      const byPlace = list.filter((index) => start(index) >= 0).sort((a, b) => start(a) - start(b));
      if (!byPlace.length) return null;
      const at = byPlace.findIndex((index) => keyOf(index) === selected);
      if (at >= 0 && start(byPlace[at]) === cursor) return byPlace[(at + step + byPlace.length) % byPlace.length];
      const beyond = step > 0 ? byPlace.find((index) => start(index) > cursor) : byPlace.findLast((index) => start(index) < cursor);
      return beyond ?? (step > 0 ? byPlace[0] : byPlace.at(-1));
    },

    update(now, values) {
      // Busy until what is listed is the verdict on the text that is shown.
      const busy = !now?.failure && (!now?.marks || now.checked !== now.revision || !isCurrent(now, values));
      element.setAttribute('aria-busy', String(busy));
      const key = { id: now?.id, marks: now?.marks, failure: now?.failure, engine: values.engine, current: now?.checked === now?.revision, pages: values.rulePages, payloads };
      if (Object.keys(key).every((name) => drawn[name] === key[name])) return;
      if (drawn.id !== key.id) limit = PAGE;
      drawn = key;
      file = now;
      draw();
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

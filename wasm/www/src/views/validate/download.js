// What can be taken away: the text, the file, the findings as JSON and SARIF.

import { h } from '../../dom.js';
import { confirm } from '../../shell/confirm.js';
import { encodingOf } from '../../state.js';
import { contentKind, isSigned } from './format.js';
import { jsonOf } from './report.js';
import { sarifOf } from './sarif.js';

const UNSIGNED = {
  title: 'The signature is lost',
  text: 'The profile was signed. An edited profile does not match its signature any more, so it is saved without one, and the installer will show it as not signed. Sign it again before you hand it out.',
  action: 'Download unsigned',
};

export async function copyText({ state, notify }) {
  const file = state.file();
  if (file?.text === null || file?.text === undefined) return;
  try {
    await navigator.clipboard.writeText(file.text);
    notify('Copied, secrets included.');
  } catch {
    notify('The browser does not let this page use the clipboard.');
  }
}

/** The file as it stands: untouched bytes as they were, an edited binary one binary again, another as text. */
async function fileBytes({ engine }, file) {
  if (!file.edited) return file.bytes;
  return engine.call('encode', file.text, contentKind(file) === 'binary' ? 'binary' : 'xml', encodingOf(file));
}

export function downloadMenu(context) {
  const { state, save, notify } = context;
  const stem = (file) => file.name.replace(/\.[^.]+$/, '');

  async function file() {
    const current = state.file();
    if (!current) return;
    if (current.edited && isSigned(current) && !(await confirm(UNSIGNED))) return;
    try {
      save(current.name, await fileBytes(context, current), 'application/x-apple-aspen-config');
    } catch (error) {
      notify(`The file cannot be written: ${error.message}`);
    }
  }

  function json() {
    const current = state.file();
    if (current?.report) save(`${stem(current)}.json`, `${JSON.stringify(jsonOf(state.get(), [current]), null, 2)}\n`, 'application/json');
  }

  function sarif() {
    const current = state.file();
    if (current?.report) save(`${stem(current)}.sarif`, `${JSON.stringify(sarifOf(state.get(), [current]), null, 2)}\n`, 'application/sarif+json');
  }

  const choose = { file, json, sarif };
  const select = h(
    'select',
    {
      class: 'button small',
      'aria-label': 'Download',
      onchange: () => {
        const what = select.value;
        select.value = '';
        choose[what]?.();
      },
    },
    h('option', { value: '' }, 'Download'),
    h('option', { value: 'file' }, 'The profile'),
    h('option', { value: 'json' }, 'Findings as JSON'),
    h('option', { value: 'sarif' }, 'Findings as SARIF'),
  );
  return select;
}

// The ways into the page: drop, paste, the picker, samples, an installed app's files.

import { h } from './dom.js';

/** The samples: their file, what they are called, and what they show. */
export const SAMPLES = [
  { file: 'weak-ikev2.mobileconfig', title: 'An old IKEv2 profile', hint: 'Errors, and fixes for some' },
  { file: 'office-ikev2.mobileconfig', title: 'IKEv2 with EAP', hint: 'Sound, made with Adit' },
  { file: 'on-demand.mobileconfig', title: 'On-demand rules', hint: 'Which network connects' },
  { file: 'signed.mobileconfig', title: 'A signed profile', hint: 'The signature and what is in it' },
];

/** What the picker offers; anything else may be chosen too. */
const ACCEPT = '.mobileconfig,.plist,.xml,.json,.p12,.pfx,.cer,.crt,.der,.pem,.j2,.template,application/x-apple-aspen-config';

/** Files beyond this are not opened: the checker's own limit is far below. */
const LARGEST = 64 * 1024 * 1024;

export function startFiles({ state, notify }) {
  async function openFiles(files) {
    const taken = [];
    for (const file of [...files].slice(0, 100)) {
      if (file.size > LARGEST) {
        notify(`${file.name} is larger than 64 MB and was not opened.`);
        continue;
      }
      try {
        taken.push([file.name, new Uint8Array(await file.arrayBuffer())]);
      } catch {
        notify(`${file.name} could not be read.`);
      }
    }
    for (const [name, bytes] of taken) state.add(name, bytes);
    // The first of several is shown.
    const { files: open } = state.get();
    if (taken.length > 1) state.set({ current: open[open.length - taken.length].id });
    if (taken.length && needsFiles()) location.hash = '#validate';
  }

  /** Files that arrive while a view without files is shown belong in the first one. */
  const needsFiles = () => document.getElementById('main')?.dataset.view === 'build';

  const openText = (text, name = 'Pasted.mobileconfig') => state.add(freeName(name), new TextEncoder().encode(text));

  function freeName(name) {
    const taken = new Set(state.get().files.map((file) => file.name));
    if (!taken.has(name)) return name;
    const [, stem, ending] = /^(.*?)(\.[^.]*)?$/.exec(name);
    for (let number = 2; ; number++) {
      const next = `${stem} ${number}${ending ?? ''}`;
      if (!taken.has(next)) return next;
    }
  }

  const picker = h('input', { type: 'file', multiple: true, accept: ACCEPT, hidden: true, 'aria-label': 'Open files', onchange: () => {
    openFiles(picker.files);
    picker.value = '';
  } });
  document.body.append(picker);

  async function openSample(name) {
    if (!ASSETS.samples[name]) return;
    try {
      const answer = await fetch(new URL(ASSETS.samples[name], document.baseURI));
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      state.add(freeName(name), new Uint8Array(await answer.arrayBuffer()));
    } catch (error) {
      notify(`The sample could not be loaded: ${error.message}`);
    }
  }

  /** What the clipboard holds, or an empty file to paste into where the page may not read the clipboard. */
  async function newFile() {
    let text = '';
    try {
      text = await navigator.clipboard.readText();
    } catch {
      // Not allowed, or there is nothing: the editor takes the paste.
    }
    openText(text);
    if (!text) notify('Paste the profile into the editor.');
  }

  // Drops anywhere on the page, but for places that take files themselves (`data-drop`).
  let inside = 0;
  const carriesFiles = (event) => event.dataTransfer?.types.includes('Files');
  const isTaken = (event) => event.composedPath().some((element) => element.dataset?.drop !== undefined);
  const mark = (on) => document.documentElement.classList.toggle('dropping', on);
  window.addEventListener('dragenter', (event) => {
    if (carriesFiles(event)) mark(++inside > 0);
  });
  window.addEventListener('dragleave', (event) => {
    if (carriesFiles(event)) mark(--inside > 0);
  });
  window.addEventListener('dragover', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    mark(!isTaken(event));
  });
  window.addEventListener('drop', (event) => {
    inside = 0;
    mark(false);
    if (!carriesFiles(event) || isTaken(event)) return;
    event.preventDefault();
    openFiles(event.dataTransfer.files);
  }, true);

  // Pastes outside of fields and the editor open a file.
  window.addEventListener('paste', (event) => {
    const target = event.composedPath()[0];
    if (target instanceof Element && target.closest('input, textarea, select, [contenteditable="true"]')) return;
    if (event.clipboardData.files.length) openFiles(event.clipboardData.files);
    else {
      const text = event.clipboardData.getData('text/plain');
      if (!text.trim()) return;
      openText(text);
    }
    event.preventDefault();
  });

  return { openFiles, openText, openSample, openPicker: () => picker.click(), newFile };
}

// How the code editor looks: the page's own properties, which reach into its shadow root.

import { EditorView } from '@codemirror/view';

const wave = (colour, style = 'wavy') => ({ textDecoration: `underline ${style} ${colour} 1px`, textDecorationSkipInk: 'none', textUnderlineOffset: '3px' });

export const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--syntax-text)', backgroundColor: 'var(--surface)', fontSize: '13px' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6', overflow: 'auto' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 12px 0 6px', wordBreak: 'break-all' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, ::selection': { background: 'var(--selection) !important' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--surface-3) 35%, transparent)' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--muted)', border: 'none', borderRight: '1px solid var(--border)' },
  '.cm-foldGutter .cm-gutterElement': { cursor: 'pointer', padding: '0 3px' },
  '.cm-foldPlaceholder': { background: 'var(--surface-3)', border: '1px solid var(--border)', color: 'var(--muted)', padding: '0 6px' },
  '.cm-placeholder': { color: 'var(--muted)' },
  '.signs .cm-gutterElement': { width: '20px', padding: '0 2px', display: 'flex', cursor: 'pointer' },
  '.icon': { width: '14px', height: '14px', marginTop: '4px', flex: 'none', fill: 'none', stroke: 'currentColor', strokeWidth: '1.5', strokeLinejoin: 'round', strokeLinecap: 'round' },
  '.icon-error': { color: 'var(--error)' },
  '.icon-warning': { color: 'var(--warning)' },
  '.icon-notice': { color: 'var(--notice)' },
  '.tag': { color: 'var(--syntax-tag)' },
  '.attributes': { color: 'var(--syntax-name)' },
  '.quiet': { color: 'var(--syntax-comment)' },
  '.finding.error': wave('var(--error)'),
  '.finding.warning': wave('var(--warning)'),
  '.finding.notice': wave('var(--notice)', 'dotted'),
  '.cm-tooltip': { zIndex: '15', border: '1px solid var(--border-strong)', borderRadius: 'var(--radius)', background: 'var(--surface)', color: 'var(--text)', boxShadow: 'var(--shadow-high)', overflow: 'hidden' },
  '.about': { maxWidth: 'min(520px, calc(100vw - 32px))', maxHeight: '45vh', overflowY: 'auto', font: '14px/1.5 var(--font)' },
  '.about section': { display: 'grid', gap: '6px', padding: '10px 14px', overflowWrap: 'anywhere' },
  '.about section + section': { borderTop: '1px solid var(--border)' },
  '.about p': { margin: '0' },
  '.about-title': { display: 'flex', gap: '7px', fontSize: '13px' },
  '.about-title.error': { color: 'var(--error)' },
  '.about-title.warning': { color: 'var(--warning)' },
  '.about-title.notice': { color: 'var(--notice)' },
  '.about-title code': { color: 'var(--muted)', marginLeft: 'auto' },
  '.about code': { fontFamily: 'var(--mono)', fontSize: '0.92em' },
  '.about-rule': { display: 'grid', gap: '6px', marginTop: '2px', paddingTop: '8px', borderTop: '1px solid var(--border)', color: 'var(--muted)' },
  '.about-rule strong': { color: 'var(--text)' },
  '.sentence::first-letter': { textTransform: 'uppercase' },
  '.about button': {
    display: 'flex', gap: '6px', justifySelf: 'start', border: '1px solid var(--border-strong)', borderRadius: 'var(--radius-small)', background: 'var(--surface)',
    color: 'var(--text)', padding: '3px 10px', font: '550 13px/1.6 var(--font)', cursor: 'pointer', textAlign: 'left',
  },
});

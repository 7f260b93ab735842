// The views, in the order of the tabs. A view's module exports `view(context)` (see app.js) and is loaded when first shown.
// `files: false` hides the bar of open files, for a view that does not work on one.

export const VIEWS = [
  { id: 'validate', title: 'Validate', files: true, load: () => import('./validate/validate.js') },
  { id: 'explain', title: 'Explain', files: true, load: () => import('./explain/explain.js') },
  { id: 'build', title: 'Build', files: false, load: () => import('./build/build.js') },
  { id: 'convert', title: 'Convert', files: true, load: () => import('./convert/convert.js') },
  { id: 'diff', title: 'Diff', files: true, load: () => import('./diff/diff.js') },
];

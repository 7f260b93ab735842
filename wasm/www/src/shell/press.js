// What is under a pointer that is down must not move, nor be replaced: the click would be lost. So while a control is
// pressed everything that comes by itself, such as a verdict, waits to be drawn.

const CONTROLS = 'a, button, input, label, select, summary, textarea';
/** How long, in ms, the click may come after a finger was lifted; a mouse's comes at once. */
const TAP = 350;

let pressed = null;
let timer = 0;
const waiting = new Set();

/** Runs now, or as soon as no control is pressed. */
export function whenReleased(run) {
  if (pressed) waiting.add(run);
  else run();
}

function release() {
  pressed = null;
  const runs = [...waiting];
  waiting.clear();
  for (const run of runs) {
    try {
      run();
    } catch (error) {
      reportError(error);
    }
  }
}

/** Ends the press: not before the click was handled, and the box that it ticks. */
function end(after = 0) {
  clearTimeout(timer);
  timer = setTimeout(release, after);
}

const watched = {
  pointerdown(event) {
    const control = event.button ? null : event.composedPath()[0].closest?.(CONTROLS);
    if (!control) return;
    clearTimeout(timer);
    pressed = control;
  },
  pointerup: ({ pointerType }) => end(pointerType === 'mouse' ? 0 : TAP),
  click: () => end(),
  pointercancel: () => end(),
  // A select's list and a scroll bar may keep the end of a press to themselves, and so may another window.
  change: ({ target }) => target === pressed && end(),
  pointermove: ({ pointerType, buttons }) => pointerType === 'mouse' && !buttons && end(),
  keydown: () => end(),
  blur: ({ target }) => target === window && end(),
};
for (const [name, listener] of Object.entries(watched)) addEventListener(name, (event) => (pressed || name === 'pointerdown') && listener(event), { capture: true, passive: true });

/** The same calls of the checker, whose answers wait; one that is overtaken while it waits is `undefined`, too. */
export function heldBack(engine) {
  const newest = new Map();
  const hold = (call) => async (...args) => {
    try {
      return await call(...args);
    } finally {
      await new Promise(whenReleased);
    }
  };
  const held = hold(engine.latest);
  const latest = async (channel, ...args) => {
    const number = (newest.get(channel) ?? 0) + 1;
    newest.set(channel, number);
    const isNewest = () => newest.get(channel) === number;
    try {
      const result = await held(channel, ...args);
      return isNewest() ? result : undefined;
    } catch (error) {
      if (isNewest()) throw error;
      return undefined;
    }
  };
  return { ...engine, call: hold(engine.call), latest };
}

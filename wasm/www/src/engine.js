// The client of worker.js: calls of the checker, answered later, in order.

/**
 * `call(name, ...args)` gives a promise of the result of that function of @adit/profile. `latest(channel, name, ...args)`
 * is the same for work that is soon out of date: of several calls on one channel only the newest matters. One is under
 * way at most and one waits; whatever was overtaken resolves to `undefined`. `ready` resolves when the module is
 * loaded, and rejects with the reason when it cannot be.
 */
export function createEngine(worker) {
  const pending = new Map();
  const channels = new Map();
  let sequence = 0;
  let broken = null;
  let loaded;
  const ready = new Promise((resolve, reject) => {
    loaded = { resolve, reject };
  });
  ready.catch(() => {});

  const fail = (error) => {
    broken = error;
    loaded.reject(error);
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };

  worker.addEventListener('message', ({ data }) => {
    if (data.ready) return loaded.resolve();
    if (data.failed) return fail(new Error(data.failed));
    const call = pending.get(data.id);
    pending.delete(data.id);
    if (!call) return undefined;
    if (data.error) return call.reject(Object.assign(new Error(data.error.message), { kind: data.error.kind }));
    return call.resolve(data.result);
  });
  worker.addEventListener('error', (event) => fail(new Error(event.message || 'The checker could not be started.')));
  worker.addEventListener('messageerror', () => fail(new Error('The checker sent something that cannot be read.')));

  const call = (name, ...args) =>
    new Promise((resolve, reject) => {
      if (broken) return reject(broken);
      const id = ++sequence;
      pending.set(id, { resolve, reject });
      return worker.postMessage({ id, name, args });
    });

  const latest = (channel, name, ...args) =>
    new Promise((resolve, reject) => {
      const state = channels.get(channel) ?? { busy: false, waiting: null, newest: 0 };
      channels.set(channel, state);
      state.waiting?.resolve(undefined);
      state.waiting = { name, args, resolve, reject };
      state.newest += 1;
      if (!state.busy) run(state);
    });

  const run = async (state) => {
    while (state.waiting) {
      const { name, args, resolve, reject } = state.waiting;
      const number = state.newest;
      state.waiting = null;
      state.busy = true;
      try {
        const result = await call(name, ...args);
        resolve(number === state.newest ? result : undefined);
      } catch (error) {
        if (number === state.newest) reject(error);
        else resolve(undefined);
      }
      state.busy = false;
    }
  };

  return { call, latest, ready };
}

// The page's side of the service worker: registers it and says when the page works offline and when a new version
// waits. Without service workers (an old browser, a page opened over plain http) the page works, only not offline.

/**
 * Registers the service worker of this folder.
 *
 * @param {object} listeners
 * @param {() => void} [listeners.ready] called once when everything is stored: from now on no network is needed
 * @param {(activate: () => void) => void} [listeners.update] called when a newer version has been stored; `activate`
 *   switches to it and loads the page anew
 */
export async function offline({ ready = () => {}, update = () => {} } = {}) {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  try {
    const registration = await serviceWorker.register('sw.js', { updateViaCache: 'none' });
    watch(registration, update);
    await serviceWorker.ready;
    ready();
  } catch {
    // Private windows and policies refuse service workers. The page has all it needs for now.
  }
}

function watch(registration, update) {
  const { serviceWorker } = navigator;
  const tell = (worker) =>
    update(() => {
      serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      worker.postMessage('activate');
    });
  // Waiting since an earlier visit.
  if (registration.waiting && serviceWorker.controller) tell(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => {
      // The first version ever replaces nothing, so nobody has to be asked.
      if (worker.state === 'installed' && serviceWorker.controller) tell(worker);
    });
  });
}

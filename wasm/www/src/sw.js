// The service worker: keeps the files of one build, so that the page works without a network after its first load.
//
// The build puts in FILES, every file of the page with the SHA-256 of its content. A file is stored under its address
// and that hash: a new version fetches only what changed, stands beside the old one until that is closed, and a server
// that is half-way through an update cannot mix the two, because the hash is checked on the way in. Whatever is not in
// the list goes to the network untouched. Nothing a visitor opens or types passes here.

/** Path relative to the page's folder ('' for the page itself) to `sha256-BASE64`. */
const FILES = /* @__PURE__ */ Object.freeze(ADIT_FILES);

const scope = new URL(self.registration.scope);
const CACHE = `adit ${scope.pathname}`;

/** The address that a file is fetched from. */
const address = (path) => new URL(path === '' ? './' : path, scope);

/** The name it is kept under. It is never requested. */
const key = (path) => `${address(path)}?${encodeURIComponent(FILES[path])}`;

/** One file from the network, complete and of the right content, else an error. */
async function download(path) {
  const response = await fetch(address(path), { cache: 'no-cache', credentials: 'omit', integrity: FILES[path] });
  if (!response.ok) throw new Error(`${path || 'the page'}: the server answers ${response.status}`);
  // A page that was redirected on the way must not answer a navigation, so only the content is kept.
  return response.redirected ? new Response(await response.blob(), { headers: response.headers }) : response;
}

async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all(
    Object.keys(FILES).map(async (path) => {
      if (!(await cache.match(key(path)))) await cache.put(key(path), await download(path));
    }),
  );
}

/** Drops the files of earlier versions, and takes over the page that has just been loaded for the first time. */
async function activate() {
  const cache = await caches.open(CACHE);
  const kept = new Set(Object.keys(FILES).map(key));
  const stored = await cache.keys();
  await Promise.all(stored.filter(({ url }) => !kept.has(url)).map((request) => cache.delete(request)));
  await self.clients.claim();
}

/** A file of this build: as stored, or from the network when the browser has thrown the store away. */
async function answer(path) {
  const cache = await caches.open(CACHE);
  const stored = await cache.match(key(path));
  if (stored) return stored;
  const response = await download(path);
  await cache.put(key(path), response.clone());
  return response;
}

/** The path in FILES that a request asks for, or null. */
function fileOf(request) {
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return null;
  const path = url.pathname.slice(scope.pathname.length);
  const known = path === 'index.html' ? '' : path;
  return Object.hasOwn(FILES, known) ? known : null;
}

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('fetch', (event) => {
  const path = fileOf(event.request);
  if (path !== null) event.respondWith(answer(path));
});
// The page says so when its user wants the new version now; without that it waits until every window is closed.
self.addEventListener('message', (event) => {
  if (event.data === 'activate') event.waitUntil(self.skipWaiting());
});

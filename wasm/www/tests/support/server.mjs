// A static server for tests, on loopback: serves a folder below any path, and keeps a record of every request.
import { createServer } from 'node:http';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { createHash } from 'node:crypto';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
  '.mobileconfig': 'application/octet-stream',
};

/**
 * @typedef {object} Seen one request, as it arrived
 * @property {string} method
 * @property {string} path with the query, if there was one
 * @property {number} body bytes of it
 * @property {number} status what was answered
 */

/**
 * Starts to serve `folder` below `/base/`. Change `.folder` to deploy another build.
 *
 * @param {string} folder
 * @param {string} [base] '' or a path such as 'some/where'
 * @param {Record<string, string>} [more] headers to add to each answer
 */
export async function serve(folder, base = '', more = {}) {
  const prefix = base === '' ? '/' : `/${base}/`;
  /** @type {Seen[]} */
  const seen = [];
  const site = { folder, prefix, seen };
  const server = createServer(async (request, response) => {
    let body = 0;
    for await (const chunk of request) body += chunk.length;
    const [status, headers, content] = await respond(site, request);
    seen.push({ method: request.method, path: request.url, body, status });
    response.writeHead(status, { ...headers, ...more }).end(content);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return Object.assign(site, {
    port,
    origin: `http://127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}${prefix}`,
    /** Ends it with every open connection; a second call does nothing. */
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  });
}

async function respond({ folder, prefix }, request) {
  const plain = { 'content-type': 'text/plain' };
  const { pathname } = new URL(request.url, 'http://localhost');
  if (request.method !== 'GET' && request.method !== 'HEAD') return [405, plain, 'GET only'];
  if (!pathname.startsWith(prefix)) return [404, plain, 'not here'];
  let path = normalize(decodeURIComponent(pathname.slice(prefix.length)));
  if (path === '.' || path === './') path = 'index.html';
  if (path.startsWith('..')) return [404, plain, 'not here'];
  const file = join(folder, path);
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) return [404, plain, 'not here'];
  const content = await readFile(file);
  const etag = `"${createHash('sha256').update(content).digest('hex').slice(0, 32)}"`;
  const headers = { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', 'cache-control': 'no-cache', etag };
  if (request.headers['if-none-match'] === etag) return [304, headers, undefined];
  return [200, headers, request.method === 'HEAD' ? undefined : content];
}

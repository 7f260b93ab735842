// A static web server for looking at the page, on loopback only: `node serve.mjs FOLDER [PORT]`, or `serve()` in tests.
//
// It answers GET and HEAD for files of one folder and nothing else, says the types that browsers insist on (modules and
// WebAssembly), and lets nothing be cached, so that a new build is seen at once.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/** MIME types by ending. */
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.mobileconfig': 'application/x-apple-aspen-config',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** The file that a request's path names inside `folder`, or null: no way leads out of it. */
function fileOf(folder, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return null;
  }
  if (path.includes('\0')) return null;
  const file = resolve(join(folder, path.endsWith('/') ? `${path}index.html` : path));
  return file.startsWith(folder + sep) ? file : null;
}

/**
 * Serves `folder` below `base` (a path such as `/sub/`) on 127.0.0.1. `onRequest` sees each request and its status.
 * Resolves to { url, port, close }.
 */
export async function serve(folder, { port = 0, base = '/', onRequest = () => {} } = {}) {
  const root = resolve(folder);
  const server = createServer(async (request, response) => {
    const answer = (status, headers = {}, body = null) => {
      onRequest({ method: request.method, url: request.url, status });
      response.writeHead(status, { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', ...headers });
      if (body && request.method !== 'HEAD') body.pipe(response);
      else {
        body?.destroy();
        response.end();
      }
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, { Allow: 'GET, HEAD' });
    const inside = request.url.startsWith(base) ? `/${request.url.slice(base.length)}` : null;
    const file = inside === null ? null : fileOf(root, inside);
    const about = file === null ? null : await stat(file).catch(() => null);
    if (!about?.isFile()) return answer(404);
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    const body = createReadStream(file);
    // A file that goes away while it is sent ends the connection, not the server.
    body.on('error', () => response.destroy());
    answer(200, { 'Content-Type': type, 'Content-Length': about.size }, body);
  });
  await new Promise((listening, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', listening);
  });
  const taken = server.address().port;
  return {
    url: `http://127.0.0.1:${taken}${base}`,
    port: taken,
    close: () =>
      new Promise((closed) => {
        server.close(closed);
        server.closeAllConnections();
      }),
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, port] = process.argv.slice(2);
  if (!folder) {
    console.error('usage: node serve.mjs FOLDER [PORT]');
    process.exit(2);
  }
  try {
    const { url } = await serve(folder, { port: Number(port ?? 8080) });
    console.log(`serving ${folder} at ${url} (Ctrl-C ends it)`);
  } catch (error) {
    const taken = error.code === 'EADDRINUSE';
    console.error(taken ? `error: port ${port} is taken; choose another with --port` : `error: ${error.message}`);
    process.exit(1);
  }
}

// A static web server for looking at the page, on loopback only: `node serve.mjs FOLDER [PORT [BASE]]`, or `serve()` in tests.
//
// It answers GET and HEAD for files of one folder and nothing else, says the types that browsers insist on (modules and
// WebAssembly), and lets nothing be cached, so that a new build is seen at once. Where the folder's index.html brings a
// Content-Security-Policy in a <meta>, every file is sent with it as a header too: a worker is bound by its own file's
// headers only, and `frame-ancestors` counts in a header only.

import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
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

/** The policy that the page of a folder brings, for the header, or null. Read each time: the page may be built anew. */
async function policyOf(folder) {
  const page = await readFile(join(folder, 'index.html'), 'utf8').catch(() => '');
  const [, policy] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  return policy ? `${policy}; frame-ancestors 'none'` : null;
}

/**
 * Serves `folder` below `base` (a path such as `/sub/`) on 127.0.0.1. `onRequest` sees each request and its status.
 * Resolves to { url, port, close }.
 */
export async function serve(folder, { port = 0, base = '/', onRequest = () => {} } = {}) {
  const root = resolve(folder);
  const server = createServer(async (request, response) => {
    const policy = await policyOf(root);
    const common = {
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      ...(policy && { 'Content-Security-Policy': policy }),
    };
    const answer = (status, headers = {}, body = null) => {
      onRequest({ method: request.method, url: request.url, status });
      response.writeHead(status, { ...common, ...headers });
      if (body && request.method !== 'HEAD') body.pipe(response);
      else {
        body?.destroy();
        response.end();
      }
    };
    const say = (status, text, headers = {}) => {
      const bytes = Buffer.from(`${text}\n`);
      onRequest({ method: request.method, url: request.url, status });
      response.writeHead(status, { ...common, ...headers, 'Content-Type': TYPES['.txt'], 'Content-Length': bytes.length });
      response.end(request.method === 'HEAD' ? undefined : bytes);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'only GET and HEAD', { Allow: 'GET, HEAD' });
    // The folder without its slash, which relative addresses need.
    if (request.url === base.slice(0, -1)) return answer(301, { Location: base });
    const inside = request.url.startsWith(base) ? `/${request.url.slice(base.length)}` : null;
    const file = inside === null ? null : fileOf(root, inside);
    const about = file === null ? null : await stat(file).catch(() => null);
    if (!about?.isFile()) return say(404, inside === null ? `the page is at ${base}` : 'there is no such file');
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
  const [folder, port = '8080', base = '/'] = process.argv.slice(2);
  if (!folder || !/^\/((?!\.{1,2}\/)[\w.~-]+\/)*$/.test(base)) {
    console.error('usage: node serve.mjs FOLDER [PORT [BASE]]; BASE is a path such as /some/where/');
    process.exit(2);
  }
  try {
    const { url } = await serve(folder, { port: Number(port), base });
    console.log(`serving ${folder} at ${url} (Ctrl-C ends it)`);
  } catch (error) {
    const taken = error.code === 'EADDRINUSE';
    console.error(taken ? `error: port ${port} is taken; choose another with --port` : `error: ${error.message}`);
    process.exit(1);
  }
}

// A forward proxy on loopback that writes down every request the browser makes, wherever to, and lets through only what
// goes to loopback. Chromium is told to send even its requests to loopback here, so nothing passes beside it.
import { createServer, request as forward } from 'node:http';

/**
 * @typedef {object} Passed one request
 * @property {string} method
 * @property {string} url absolute; of a CONNECT, host and port
 * @property {number} body bytes of it
 */

export async function startProxy() {
  /** @type {Passed[]} */
  const seen = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    seen.push({ method: request.method, url: request.url, body: body.length });
    const url = URL.canParse(request.url) ? new URL(request.url) : null;
    if (url?.hostname !== '127.0.0.1') {
      response.writeHead(403).end();
      return;
    }
    const headers = { ...request.headers };
    delete headers['proxy-connection'];
    const onward = forward(url, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    onward.end(body);
  });
  // Encrypted connections, and whatever else wants a tunnel: written down and refused.
  server.on('connect', (request, socket) => {
    seen.push({ method: 'CONNECT', url: request.url, body: 0 });
    socket.on('error', () => {});
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  server.on('upgrade', (request, socket) => {
    seen.push({ method: 'UPGRADE', url: request.url, body: 0 });
    socket.on('error', () => {});
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    seen,
    port: server.address().port,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

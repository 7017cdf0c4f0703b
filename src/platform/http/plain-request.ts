import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** A connection option that says what another header is for. */
const UPGRADE_OPTION = /^upgrade$/i;

/**
 * Hands a request that asked for another protocol back to the HTTP server, as the request that it would have been
 * without asking: RFC 9110 §7.8 lets a server ignore the wish. Node has stopped parsing the connection by then, and of a
 * body it knows nothing, so the bytes are put back and read once more.
 */
export function serveAsPlain(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.unshift(Buffer.concat([Buffer.from(plainHead(request), 'latin1'), head]));
  server.emit('connection', socket);
}

function plainHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method ?? 'GET'} ${url ?? '/'} HTTP/${httpVersion}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    const kept = name.toLowerCase() === 'connection' ? withoutUpgrade(value) : value;
    if (name.toLowerCase() !== 'upgrade' && kept !== undefined) lines.push(`${name}: ${kept}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function withoutUpgrade(options: string): string | undefined {
  const rest = options.split(',').map((option) => option.trim());
  return rest.filter((option) => !UPGRADE_OPTION.test(option)).join(', ') || undefined;
}

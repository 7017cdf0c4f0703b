import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface TinyServer {
  /** Its origin. */
  readonly url: string;
  /** What it does with a request; set by each test. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** Resolves with the next connection that opens; for the test that wants to see it close. */
  nextSocket(): Promise<Socket>;
}

/** An HTTP server on a free port of loopback for the tests of one file, with nothing between them and the socket. */
export function useTinyServer(): TinyServer {
  let server: Server | undefined;
  const tiny: TinyServer & { url: string } = {
    url: '',
    answer: (_, response) => response.end(),
    nextSocket: async () => {
      if (server === undefined) throw new Error('The server runs inside tests only.');
      const [socket] = (await once(server, 'connection')) as [Socket];
      return socket;
    },
  };

  beforeAll(async () => {
    server = createServer((request, response) => tiny.answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    tiny.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    server?.closeAllConnections();
    await new Promise((done) => (server ? server.close(done) : done(undefined)));
  });

  return tiny;
}

/** The whole body of a request. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

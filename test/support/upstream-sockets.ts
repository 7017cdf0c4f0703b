import { CallBody, type RoutedCall, type UpstreamAnswer } from '../../src/core/index.js';
import type { CodexSocket } from '../../src/upstream/codex/codex-socket.adapter.js';
import { SocketTransport } from '../../src/upstream/codex/socket-transport.service.js';
import { ScriptedUpstream, type ScriptedSocket, type UpstreamOptions } from './scripted-upstream/index.js';
import { aCall } from './upstream-services.js';

const NEVER = new AbortController().signal;

export interface SocketFixture {
  readonly upstream: ScriptedUpstream;
  readonly transport: SocketTransport;
  connect(signal?: AbortSignal): Promise<CodexSocket>;
  /** A websocket that is open, and the upstream's end of it. */
  pair(): Promise<{ socket: CodexSocket; peer: ScriptedSocket }>;
}

interface Limits {
  readonly UPSTREAM_CONNECT_MS: number;
  readonly UPSTREAM_IDLE_MS: number;
}

/** An upstream and our side of its websockets, both gone after the test. */
export function useSockets() {
  const running: SocketFixture[] = [];
  afterEach(async () => {
    for (const { transport, upstream } of running.splice(0)) {
      transport.onApplicationShutdown();
      await upstream.stop();
    }
  });
  return async (limits: Partial<Limits> = {}, options: UpstreamOptions = {}): Promise<SocketFixture> => {
    const upstream = new ScriptedUpstream({ acceptAnyToken: true, ...options });
    const { url } = await upstream.start();
    const transport = new SocketTransport({ UPSTREAM_CONNECT_MS: 2_000, UPSTREAM_IDLE_MS: 5_000, ...limits });
    const request = {
      url: `${url.replace('http', 'ws')}/backend-api/codex/responses`,
      headers: { authorization: 'Bearer t', 'session-id': 's' },
    };
    const connect = (signal = NEVER): Promise<CodexSocket> => transport.connect(request, signal);
    const pair: SocketFixture['pair'] = async () => {
      const socket = await connect();
      const peer = upstream.sockets.at(-1);
      if (peer === undefined) throw new Error('The upstream has no websocket.');
      return { socket, peer };
    };
    running.push({ upstream, transport, connect, pair });
    return { upstream, transport, connect, pair };
  };
}

export const aTurn = (fields: object = {}): RoutedCall => {
  const frame = { type: 'response.create', model: 'gpt-5.5', stream: true, input: [], ...fields };
  return aCall({ transport: 'websocket', body: new CallBody(Buffer.from(JSON.stringify(frame))) });
};

/** The texts of all frames of an answer, read to its end. */
export async function framesOf({ batches }: UpstreamAnswer): Promise<string[]> {
  const frames: string[] = [];
  for await (const { raw } of batches) frames.push(raw.toString('utf8'));
  return frames;
}

export const typesOf = (frames: readonly string[]): string[] =>
  frames.map((frame) => (JSON.parse(frame) as { readonly type: string }).type);

/** What an event of a real socket will bring about, seen at the next turn of the loop. */
export async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise(setImmediate);
}

/** Wait until a number has stopped to grow. */
export async function stalled(read: () => number): Promise<void> {
  for (let same = 0, last = -1; same < 200;) {
    await new Promise(setImmediate);
    same = read() === last ? same + 1 : 0;
    last = read();
  }
}

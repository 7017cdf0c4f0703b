import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { ScriptedUpstream } from './index.js';
import type { SeenEvent } from './spec-calls.js';

export interface Frame extends SeenEvent {
  readonly [field: string]: unknown;
}

/** A websocket client with nothing of the gateway in it. */
export class SocketClient {
  readonly seen: Frame[] = [];
  readonly binary: Buffer[] = [];
  headers: Readonly<Record<string, unknown>> = {};
  readonly over: Promise<number>;
  readonly ws: WebSocket;

  constructor(upstream: ScriptedUpstream, token = 'any') {
    this.ws = new WebSocket(`${upstream.url.replace('http', 'ws')}/backend-api/codex/responses`, {
      headers: { 'Session-ID': 's-1', authorization: `Bearer ${token}` },
    });
    this.ws.on('error', () => undefined);
    this.ws.on('upgrade', ({ headers }) => (this.headers = headers));
    this.over = new Promise((resolve) => this.ws.once('close', resolve));
    this.ws.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.binary.push(data);
      else this.seen.push(JSON.parse(data.toString('utf8')) as Frame);
    });
  }

  async open(): Promise<this> {
    await once(this.ws, 'open');
    return this;
  }

  /** Send a turn. @returns its frames up to the terminal one */
  async turn(fields: object = {}): Promise<Frame[]> {
    this.seen.length = 0;
    this.ws.send(JSON.stringify({ type: 'response.create', model: 'gpt-5.5', stream: true, input: [], ...fields }));
    const isLast = ({ type }: Frame): boolean => /^(response\.(completed|failed|incomplete)|error)$/.test(type);
    while (!this.seen.some(isLast)) await Promise.race([once(this.ws, 'message'), this.over.then(() => undefined)]);
    return this.seen;
  }
}

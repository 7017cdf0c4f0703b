import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { SeenEvent } from './calls.js';
import { PATH, type TestGateway } from './gateway.js';

interface SocketOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  /** Authorizes the upgrade; absent: the gateway's own key. */
  readonly key?: string;
}

/** Where it knocks, and whose key it shows. */
type Door = Pick<TestGateway, 'url' | 'key'>;

/** How an upgrade was refused. */
export interface Refusal {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const TERMINAL = /^(response\.(completed|failed|incomplete)|error)$/;
const KEEP_ALIVE = '{"type":"keepalive"}';

/** A client of the gateway's websocket, as a Codex CLI is one. */
export class CodexSocket {
  /** Every frame but keep-alives, verbatim and in order; `take` empties it. */
  readonly frames: string[] = [];
  keepAlives = 0;
  /** Of the 101. */
  headers: IncomingMessage['headers'] = {};
  /** The close code: 1006 without a close frame. */
  readonly closed: Promise<number>;
  readonly ws: WebSocket;

  private constructor(url: string, key: string, headers: Readonly<Record<string, string>>) {
    this.ws = new WebSocket(url, {
      headers: {
        authorization: `Bearer ${key}`,
        'openai-beta': 'responses_websockets=2026-02-06',
        ...headers,
      },
    });
    this.ws.on('error', () => undefined);
    this.ws.on('upgrade', (response) => (this.headers = response.headers));
    this.closed = once(this.ws, 'close').then(([code]) => code as number);
    this.ws.on('message', (data: Buffer) => this.received(data.toString()));
  }

  private static start(gateway: Door, { headers = {}, path = PATH, key = gateway.key }: SocketOptions) {
    return new CodexSocket(`${gateway.url.replace('http', 'ws')}${path}`, key, headers);
  }

  static async open(gateway: Door, options: SocketOptions = {}): Promise<CodexSocket> {
    const socket = CodexSocket.start(gateway, options);
    await once(socket.ws, 'open');
    return socket;
  }

  static async refused(gateway: Door, options: SocketOptions = {}): Promise<Refusal> {
    const { ws } = CodexSocket.start(gateway, options);
    const [, response] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() };
  }

  send(frame: object | string): this {
    this.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    return this;
  }

  /** Send a frame and wait for the terminal frame of its answer. @returns what came, verbatim */
  async ask(frame: object | string): Promise<string[]> {
    this.send(frame);
    return this.answer();
  }

  /** What has come, once it holds a terminal frame. */
  async answer(): Promise<string[]> {
    await this.until((frames) => frames.some((text) => TERMINAL.test(typeOf(text))));
    return this.frames.splice(0);
  }

  /** @throws Error when the socket closes before that */
  async until(enough: (frames: readonly string[]) => boolean): Promise<void> {
    while (!enough(this.frames)) {
      const isOver = await Promise.race([once(this.ws, 'message').then(() => false), this.closed.then(() => true)]);
      if (isOver && !enough(this.frames))
        throw new Error(`closed with ${await this.closed} after ${this.frames.join()}`);
    }
  }

  /** As a Codex CLI leaves: without a close frame. */
  drop(): void {
    this.ws.terminate();
  }

  private received(text: string): void {
    if (text === KEEP_ALIVE) this.keepAlives += 1;
    else this.frames.push(text);
  }
}

export const eventOf = (frame: string): SeenEvent => JSON.parse(frame) as SeenEvent;
export const typeOf = (frame: string): string => eventOf(frame).type ?? '';

/** A small turn. */
export const turn = (over: object = {}): Record<string, unknown> => ({
  type: 'response.create',
  model: 'gpt-5.5',
  stream: true,
  input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Say hello.' }] }],
  ...over,
});

/** The error frame of a refused turn. */
export const refusedWith = (status: number, code: string, param: string | null = null): object => ({
  type: 'error',
  status,
  error: expect.objectContaining({ code, message: expect.any(String) as string, param }) as object,
});

import { setTimeout as delay } from 'node:timers/promises';
import { isRecord } from './codex-request.js';
import type { RecordedRequest } from './recorded-request.js';
import type { ScriptedSocket } from './scripted-socket.js';
import type { Cut, Headers, Wire } from './wire.js';

const TERMINALS = new Set<unknown>(['response.completed', 'response.failed', 'response.incomplete', 'error']);

/**
 * One answer on a websocket: each event of a stream is a text frame, every other answer an error frame with its status.
 * A stream that ends without a terminal event closes the socket, as there is no other way to end it.
 */
export class SocketWire implements Wire {
  private readonly gone = new AbortController();
  private rest: Buffer = Buffer.alloc(0);
  private answer: { readonly status: number; readonly headers: Headers; readonly streams: boolean } | undefined;
  private finished = false;

  constructor(
    private readonly socket: ScriptedSocket,
    readonly request: RecordedRequest,
    private readonly nowMs: () => number,
  ) {
    void socket.closed.then(() => {
      this.gone.abort();
      this.over(socket.closedByClient ? this.nowMs() : undefined);
    });
  }

  get isOpen(): boolean {
    return this.socket.isOpen && !this.finished;
  }

  now(): number {
    return this.nowMs();
  }

  /** There are no headers within a socket: what names the turn becomes the event that carries it. */
  head(status: number, headers: Headers = {}): void {
    this.answer = { status, headers, streams: String(headers['content-type']).startsWith('text/event-stream') };
    const turnState = headers['x-codex-turn-state'];
    if (!this.answer.streams || turnState === undefined) return;
    void this.frame(JSON.stringify({ type: 'response.metadata', headers: { 'x-codex-turn-state': turnState } }));
  }

  async write(bytes: Buffer | string): Promise<boolean> {
    this.rest = Buffer.concat([this.rest, Buffer.from(bytes)]);
    if (this.answer?.streams !== true) return this.isOpen;
    for (let at = this.rest.indexOf('\n\n'); at !== -1; at = this.rest.indexOf('\n\n')) {
      const block = this.rest.subarray(0, at).toString('utf8');
      this.rest = this.rest.subarray(at + 2);
      await this.block(block);
    }
    return this.isOpen;
  }

  end(bytes?: Buffer | string): void {
    if (bytes !== undefined) this.rest = Buffer.concat([this.rest, Buffer.from(bytes)]);
    void this.finish();
  }

  drop(how: Cut = 'destroy'): void {
    this.over();
    this.socket.cut(how);
  }

  async pause(ms: number): Promise<void> {
    if (ms > 0) await delay(ms, undefined, { signal: this.gone.signal }).catch(() => undefined);
  }

  /** A frame as it is: text for a string, else binary. */
  async frame(data: string | Buffer): Promise<boolean> {
    if (!this.isOpen) return false;
    const event = typeof data === 'string' ? parsed(data) : undefined;
    const { type, response } = isRecord(event) ? event : {};
    if (TERMINALS.has(type)) this.over();
    if (type === 'response.completed') this.socket.completed(this.request, response);
    await this.socket.send(data);
    return this.socket.isOpen;
  }

  private async finish(): Promise<void> {
    const { status = 200, headers = {}, streams = false } = this.answer ?? {};
    const rest = this.rest.toString('utf8');
    this.rest = Buffer.alloc(0);
    if (streams) await this.block(rest);
    else if (status < 400) await this.frame(rest);
    else await this.frame(JSON.stringify({ type: 'error', status, ...bodyOf(rest), headers }));
    if (this.finished) return;
    this.over();
    this.socket.cut(1000);
  }

  private async block(text: string): Promise<void> {
    const data = text
      .split('\n')
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5).trimStart());
    if (data.length > 0) await this.frame(data.join('\n'));
  }

  private over(abortedAtMs?: number): void {
    if (this.finished) return;
    this.finished = true;
    this.request.over(abortedAtMs);
  }
}

function bodyOf(text: string): object {
  const body = parsed(text);
  return isRecord(body) ? body : { error: { message: text } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

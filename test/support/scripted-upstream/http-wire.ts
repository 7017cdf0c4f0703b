import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordedRequest } from './recorded-request.js';
import type { Cut, Headers, Wire } from './wire.js';

/** One HTTP answer. */
export class HttpWire implements Wire {
  private readonly gone = new AbortController();
  /** True once the reply itself cut the connection: then its end is not the client's doing. */
  private cut = false;

  constructor(
    private readonly response: ServerResponse,
    readonly request: RecordedRequest,
    /** Sent with every answer unless the reply sets the same name: quota, request id. */
    private readonly baseHeaders: () => Headers,
    private readonly nowMs: () => number,
  ) {
    response.on('error', () => undefined);
    response.once('close', () => {
      this.gone.abort();
      const byClient = !this.cut && !response.writableFinished;
      request.over(byClient ? this.nowMs() : undefined);
    });
  }

  get isOpen(): boolean {
    return !this.gone.signal.aborted;
  }

  now(): number {
    return this.nowMs();
  }

  head(status: number, headers: Headers = {}): void {
    if (!this.isOpen) return;
    const merged: Record<string, string | string[]> = {};
    for (const [name, value] of Object.entries({ ...this.baseHeaders(), ...headers })) {
      merged[name] = typeof value === 'string' ? value : [...value];
    }
    this.response.writeHead(status, merged);
    this.response.flushHeaders();
  }

  async write(bytes: Buffer | string): Promise<boolean> {
    if (!this.isOpen) return false;
    if (!this.response.write(bytes)) await this.drained();
    return this.isOpen;
  }

  end(bytes?: Buffer | string): void {
    if (this.isOpen) this.response.end(bytes);
  }

  drop(how: Cut = 'destroy'): void {
    if (!this.isOpen) return;
    this.cut = true;
    if (how === 'reset') this.response.socket?.resetAndDestroy();
    else this.response.socket?.destroy();
  }

  async pause(ms: number): Promise<void> {
    if (ms > 0) await delay(ms, undefined, { signal: this.gone.signal }).catch(() => undefined);
  }

  private drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.response.off('drain', done);
        this.gone.signal.removeEventListener('abort', done);
        resolve();
      };
      this.response.once('drain', done);
      this.gone.signal.addEventListener('abort', done);
    });
  }
}

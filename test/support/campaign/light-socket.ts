import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { LightAnswer } from './light-connection.js';

const TERMINAL = /"type":"(?:response\.(completed|incomplete|failed|done)|error)"/;
const GOOD: ReadonlySet<string | undefined> = new Set(['completed', 'incomplete', 'done']);

/** A websocket for one turn at a time. After a turn that failed it is a new one, as with a Codex CLI. */
export class LightSocket {
  private ws: WebSocket | undefined;
  private text = '';
  private wake: () => void = () => undefined;

  constructor(
    private readonly url: string,
    private readonly key: string,
    private readonly seen: (text: string) => void = () => undefined,
  ) {}

  async send(frame: string): Promise<LightAnswer> {
    const ws = await this.opened();
    this.text = '';
    ws.send(frame);
    for (;;) {
      await new Promise<void>((resolve) => (this.wake = resolve));
      const end = TERMINAL.exec(this.text);
      if (end === null && ws.readyState === ws.OPEN) continue;
      if (!GOOD.has(end?.[1])) ws.terminate();
      return { status: end === null ? 0 : 200, text: this.text, whole: end !== null };
    }
  }

  drop(): void {
    this.ws?.terminate();
  }

  private async opened(): Promise<WebSocket> {
    if (this.ws?.readyState === WebSocket.OPEN) return this.ws;
    const headers = { authorization: `Bearer ${this.key}`, 'openai-beta': 'responses_websockets=2026-02-06' };
    const ws = new WebSocket(this.url, { headers, perMessageDeflate: false });
    this.ws = ws;
    ws.on('error', () => undefined);
    ws.on('message', (data: Buffer) => {
      this.text += data.toString('latin1');
      this.seen(this.text);
      this.wake();
    });
    ws.on('close', () => this.wake());
    await once(ws, 'open');
    return ws;
  }
}

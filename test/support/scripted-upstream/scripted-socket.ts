import { once } from 'node:events';
import type { RawData, WebSocket } from 'ws';
import { asksForContinuation, isRecord } from './codex-request.js';
import type { RecordedRequest } from './recorded-request.js';

/** As much as may wait unsent before a reply is told to wait. */
const HIGH_WATER_BYTES = 65_536;

/** What a socket does with a `response.create` frame. */
export interface TurnServer {
  serve(socket: ScriptedSocket, frame: Buffer): void;
}

/** One websocket from a client, from its upgrade to its end. */
export class ScriptedSocket {
  /** Every text frame that arrived, verbatim; none when bodies are not kept. */
  readonly frames: string[] = [];
  /** Pings that arrived. */
  pings = 0;
  closedAtMs: number | undefined;
  /** The code of its close frame; 1006 without one, 1005 for one without a code. */
  closeCode: number | undefined;
  /** False when a reply or the test ended it. */
  closedByClient = true;
  /** Resolves when it is gone, however that came. */
  readonly closed: Promise<void>;
  private turn: RecordedRequest | undefined;
  private last: { readonly id: unknown; readonly history: readonly unknown[] } | undefined;

  constructor(
    private readonly ws: WebSocket,
    /** Its upgrade; its headers are those of every turn. */
    readonly upgrade: RecordedRequest,
    readonly accountId: string | undefined,
    private readonly options: { readonly keep: boolean; readonly nowMs: () => number; readonly turns: TurnServer },
  ) {
    this.closed = new Promise((resolve) => {
      ws.once('close', (code) => {
        this.closedAtMs = options.nowMs();
        this.closeCode = code;
        resolve();
      });
    });
    ws.on('error', () => undefined);
    ws.on('ping', () => (this.pings += 1));
    ws.on('message', (data, binary) => this.received(data, binary));
  }

  /** From 1, in the order of the upgrades that were accepted. */
  get number(): number {
    return this.upgrade.socket ?? 0;
  }

  get isOpen(): boolean {
    return this.ws.readyState === this.ws.OPEN;
  }

  /** Whether an answer is under way. */
  get isBusy(): boolean {
    return this.turn !== undefined;
  }

  /** Send a frame outside of every answer: text for a string, JSON for an object, else binary. Waits while much is unsent. */
  async send(frame: string | Buffer | object): Promise<void> {
    const data = typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame);
    const sent = new Promise<void>((resolve) => this.ws.send(data, () => resolve()));
    if (this.ws.bufferedAmount > HIGH_WATER_BYTES) await sent;
  }

  /** End it from this side, also while it rests. */
  cut(how: 'destroy' | 'reset' | number = 'destroy'): void {
    if (!this.isOpen) return;
    this.closedByClient = false;
    if (typeof how === 'number') this.ws.close(how);
    else if (how === 'destroy') this.ws.terminate();
    else this.tcp.resetAndDestroy();
  }

  /** Read nothing more, answer no ping: a peer that hangs, or a network that is gone without a word. */
  pauseReading(): void {
    this.ws.pause();
  }

  resumeReading(): void {
    this.ws.resume();
  }

  /** Resolves when the client has read everything that was sent before, and said so. */
  async ping(): Promise<void> {
    const answered = once(this.ws, 'pong');
    this.ws.ping();
    await answered;
  }

  begin(turn: RecordedRequest): void {
    this.turn = turn;
    void turn.closed.then(() => {
      if (this.turn === turn) this.turn = undefined;
    });
  }

  /** @returns whether the turn may go on from the response it names, or names none */
  follows(turn: RecordedRequest): boolean {
    const body = turn.json();
    if (!asksForContinuation(body)) return true;
    if (this.last === undefined || this.last.id !== body['previous_response_id']) return false;
    turn.history = this.last.history;
    return true;
  }

  /** An answer that the next turn may go on from. */
  completed(turn: RecordedRequest, response: unknown): void {
    if (!isRecord(response)) return;
    const whole = this.options.keep ? turn.whole() : undefined;
    const input = isRecord(whole) && Array.isArray(whole['input']) ? (whole['input'] as unknown[]) : [];
    const output = Array.isArray(response['output']) ? (response['output'] as unknown[]) : [];
    this.last = { id: response['id'], history: this.options.keep ? [...input, ...output] : [] };
  }

  private received(data: RawData, binary: boolean): void {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
    if (binary) {
      this.cut(1003);
      return;
    }
    if (this.options.keep) this.frames.push(bytes.toString('utf8'));
    this.options.turns.serve(this, bytes);
  }

  private get tcp(): { resetAndDestroy(): void } {
    return (this.ws as unknown as { _socket: { resetAndDestroy(): void } })._socket;
  }
}

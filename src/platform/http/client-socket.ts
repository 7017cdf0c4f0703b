import type { RawData, WebSocket } from 'ws';
import { GatewayError } from '../../core/index.js';

/** How far the reading may run ahead of the serving; beyond it the client's socket is not read. */
const MAX_WAITING_FRAMES = 8;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

export interface SocketTimes {
  /** Between two pings; a client that did not answer the last one by then is gone. */
  readonly pingMs: number;
  /** Without a frame of the client while nothing is served. */
  readonly idleMs: number;
  /** For the client's side of a close. */
  readonly closingMs: number;
}

const TIMES: SocketTimes = { pingMs: 27_000, idleMs: 30 * 60_000, closingMs: 1_000 };
/** A client that lets frames pile up does not read our pings either: it gets as many of them as this. */
const UNREAD_PINGS = 4;

const UNSUPPORTED_DATA = 1003;
const NORMAL = 1000;
const INTERNAL = 1011;

const bytesOf = (data: RawData): Buffer => {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
};

const gone = (): GatewayError => new GatewayError('client_disconnected', 'The client left.');

/**
 * One client's websocket: its text frames one by one, and frames to it that are written before the next is asked for.
 * Pings it, so that one that vanished without a word is noticed.
 */
export class ClientSocket {
  /** Resolves when nothing can reach the client any more. */
  readonly gone: Promise<void>;
  /** Resolves when its connection is closed. */
  readonly closed: Promise<void>;
  private readonly waiting: Buffer[] = [];
  private waitingBytes = 0;
  /** Of whoever waits for the next frame; the session is idle meanwhile. */
  private wake: (() => void) | undefined;
  /** Set when no more frames are handed out: what the socket is to be closed with. */
  private ending: number | undefined;
  private leave: () => void = () => undefined;
  private unansweredPings = 0;
  private waitingSinceMs: number;
  private readonly pinging: NodeJS.Timeout;

  constructor(
    private readonly ws: WebSocket,
    private readonly times: SocketTimes = TIMES,
    private readonly now: () => number = Date.now,
  ) {
    this.waitingSinceMs = now();
    this.gone = new Promise((resolve) => (this.leave = resolve));
    ws.on('message', (data, isBinary) => this.arrived(bytesOf(data), isBinary));
    ws.on('pong', () => (this.unansweredPings = 0));
    // `ws` closes with the code that fits (1002, 1007, 1009); nothing more can be served.
    ws.on('error', () => this.broken());
    this.closed = new Promise((resolve) => {
      ws.once('close', () => {
        this.lost();
        resolve();
      });
    });
    this.pinging = setInterval(() => this.ping(), times.pingMs).unref();
  }

  /** The client's text frames, in order; ends when the socket does, or after `stop`. For one reader. */
  readonly frames: AsyncIterable<Buffer> = {
    [Symbol.asyncIterator]: () => ({ next: () => this.next() }),
  };

  /** Resolves once the frame is written. @throws GatewayError `client_disconnected` */
  send(frame: string): Promise<void> {
    return new Promise((written, failed) => {
      this.ws.send(frame, (error) => (error ? failed(gone()) : written()));
    });
  }

  /** Hand out no more frames: the session ends as soon as it serves none. The first code counts. */
  stop(code: number): void {
    this.ending ??= code;
    this.wake?.();
  }

  /** Say goodbye, with the code of `stop` if there was one; a client that does not answer is cut. */
  close(failed = false): void {
    this.stop(failed ? INTERNAL : NORMAL);
    if (this.ws.readyState === this.ws.OPEN) this.ws.close(this.ending);
    this.cutAfter(this.times.closingMs);
  }

  /** The turn that runs is ended by somebody else: it closes with this code, and after `ms` at the latest. */
  cut(code: number, ms: number): void {
    this.ending = code;
    this.wake?.();
    this.cutAfter(ms);
  }

  /** At the latest then the socket is closed, whatever its client does. */
  private cutAfter(ms: number): void {
    if (this.ws.readyState === this.ws.CLOSED) return;
    const timer = setTimeout(() => this.ws.terminate(), ms).unref();
    this.ws.once('close', () => clearTimeout(timer));
  }

  private async next(): Promise<IteratorResult<Buffer, undefined>> {
    this.waitingSinceMs = this.now();
    if (this.waiting.length === 0 && this.ending === undefined) {
      await new Promise<void>((wake) => (this.wake = wake));
      this.wake = undefined;
    }
    const frame = this.ending === undefined ? this.waiting.shift() : undefined;
    if (frame === undefined) return { done: true, value: undefined };
    this.waitingBytes -= frame.length;
    if (this.ws.isPaused && this.hasRoom()) this.ws.resume();
    return { done: false, value: frame };
  }

  private arrived(frame: Buffer, isBinary: boolean): void {
    if (this.ending !== undefined) return;
    if (isBinary) {
      this.stop(UNSUPPORTED_DATA);
      this.leave();
      return this.close();
    }
    this.waiting.push(frame);
    this.waitingBytes += frame.length;
    if (!this.hasRoom()) this.ws.pause();
    this.wake?.();
  }

  private hasRoom(): boolean {
    return this.waiting.length < MAX_WAITING_FRAMES && this.waitingBytes < MAX_WAITING_BYTES;
  }

  private broken(): void {
    this.lost();
    this.cutAfter(this.times.closingMs);
  }

  private lost(): void {
    clearInterval(this.pinging);
    this.waiting.length = 0;
    this.leave();
    this.stop(NORMAL);
  }

  private ping(): void {
    const idle = this.wake !== undefined;
    if (idle && this.now() - this.waitingSinceMs >= this.times.idleMs) return this.stop(NORMAL);
    // Its pongs wait behind frames that we do not read: nothing can be said of it.
    if (this.ws.isPaused) return;
    const patience = this.ws.bufferedAmount > 0 ? UNREAD_PINGS : 1;
    if (this.unansweredPings >= patience) return this.ws.terminate();
    this.unansweredPings += 1;
    if (this.ws.readyState === this.ws.OPEN) this.ws.ping();
  }
}

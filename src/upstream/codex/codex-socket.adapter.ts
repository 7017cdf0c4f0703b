import type { RawData, WebSocket } from 'ws';
import {
  GatewayError,
  jsonEvent,
  noQuota,
  terminalOf,
  type EventBatch,
  type QuotaReport,
  type ResponseEvent,
  type RoutedCall,
  type UpstreamAnswer,
  type UpstreamSocket,
} from '../../core/index.js';
import { failureOfEvent } from './failure.js';
import { quotaOfEvent, quotaOfHeaders } from './quota.js';
import type { ReceivedHeaders } from '../transport/received-headers.js';
import { visibleHeaders } from './response-headers.js';
import { SocketTurn } from './socket-turn.js';

const interrupted = (cause?: unknown): GatewayError =>
  new GatewayError('stream_interrupted', 'The upstream websocket broke off.', { cause });

/** A websocket to the Codex backend: one turn at a time, each text frame a batch of its own. */
export class CodexSocket implements UpstreamSocket {
  /** The turn whose frames come now, up to its terminal one. */
  private receiving: SocketTurn | undefined;
  /** From sending a turn until its reader has the whole answer. */
  private busy = false;
  private failed = false;
  private handshake: ReceivedHeaders = {};
  /** What was reported while no turn ran. */
  private reported: QuotaReport = noQuota('headers');

  /** @param idleMs the longest silence of the upstream during a turn */
  constructor(
    private readonly ws: WebSocket,
    private readonly idleMs: number,
  ) {
    ws.on('message', (data, isBinary) => this.received(data, isBinary));
    // What is received before an error is handled before it, and the answer breaks off when the connection is gone.
    ws.on('error', () => ws.terminate());
    ws.once('close', () => this.receiving?.fail(interrupted()));
  }

  /** @param headers of the answer to the upgrade; the first turn tells them */
  opened(headers: ReceivedHeaders): this {
    this.handshake = headers;
    this.reported = { ...quotaOfHeaders(headers, Date.now()), receivedAtMs: Date.now() };
    return this;
  }

  get usable(): boolean {
    return this.isOpen && !this.busy && !this.failed;
  }

  async turn(call: RoutedCall, signal: AbortSignal): Promise<UpstreamAnswer> {
    if (!this.usable) throw interrupted();
    this.busy = true;
    const turn = new SocketTurn(this.port(), this.idleMs, signal);
    this.receiving = turn;
    if (!signal.aborted) this.ws.send(call.body.bytes, { binary: false }, (error) => error && this.close());
    const first = await turn.first();
    const refusal = refusalOf(first);
    if (refusal) {
      await turn.return();
      throw refusal;
    }
    const { handshake, reported } = this;
    this.handshake = {};
    this.reported = noQuota('headers');
    return {
      status: 200,
      headers: visibleHeaders(handshake, call),
      quota: reported,
      batches: { [Symbol.asyncIterator]: () => turn },
    };
  }

  async send(frame: Buffer): Promise<void> {
    await new Promise<void>((sent, failed) => {
      this.ws.send(frame, { binary: false }, (error) => (error ? failed(unsent(error)) : sent()));
    });
  }

  close(): void {
    this.ws.terminate();
  }

  private get isOpen(): boolean {
    return this.ws.readyState === this.ws.OPEN;
  }

  private port() {
    return {
      pause: () => this.ws.pause(),
      resume: () => this.ws.resume(),
      cut: () => this.close(),
      delivered: () => {
        this.busy = false;
      },
    };
  }

  private received(data: RawData, isBinary: boolean): void {
    const batch = isBinary ? undefined : frameIn(data);
    const event = batch?.events[0];
    if (batch === undefined || event === undefined) {
      this.receiving?.fail(interrupted());
      this.close();
    } else if (this.receiving === undefined) this.observe(event);
    else this.answer(this.receiving, batch, event);
  }

  private answer(turn: SocketTurn, batch: EventBatch, event: ResponseEvent): void {
    const terminal = terminalOf(event);
    if (terminal) {
      this.receiving = undefined;
      this.failed = terminal.outcome === 'failed';
    }
    turn.push(batch, terminal !== undefined);
    // The upstream may keep it open; what failed once on it is not tried again there.
    if (this.failed) this.close();
  }

  /** A frame while no turn runs is no answer: it may be late. Only a quota report means something. */
  private observe(event: ResponseEvent): void {
    const report = event.type === 'codex.rate_limits' ? quotaOfEvent(event.json(), Date.now()) : undefined;
    if (report) this.reported = { ...report, receivedAtMs: Date.now() };
  }
}

/** @returns undefined for what is not a JSON object */
function frameIn(data: RawData): EventBatch | undefined {
  const bytes = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
  const batch = jsonEvent(bytes);
  const [event] = batch.events;
  if (event === undefined) return undefined;
  // An event whose type can be read is not parsed here.
  return event.type !== '' || isObject(event.json()) ? batch : undefined;
}

/**
 * A first frame that says nothing about the call: the credentials are not taken, or the connection is too old. The call
 * may be sent again, with others or on a new one.
 */
function refusalOf({ events }: EventBatch): GatewayError | undefined {
  const failure = events[0] && failureOfEvent(events[0], Date.now());
  const isUnauthorized = failure?.code === 'upstream_account_rejected' && failure.detail.upstreamStatus === 401;
  return isUnauthorized || failure?.code === 'stream_interrupted' ? failure : undefined;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const unsent = (cause: unknown): GatewayError =>
  new GatewayError('upstream_websocket_forward_failed', 'The frame could not be sent to the upstream.', { cause });

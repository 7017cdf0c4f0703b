import { GatewayError, type EventBatch } from '../../core/index.js';
import { failureMidway } from '../transport/transport-error.js';

/** As much as may wait for a reader that is slower than the upstream. */
const MAX_WAITING_FRAMES = 16;
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

const OVER: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** What a turn may do to the connection it runs on. */
export interface TurnPort {
  /** Read nothing more for now. */
  pause(): void;
  resume(): void;
  /** Cut the connection: there is no other way to stop the upstream's work. */
  cut(): void;
  /** The reader has the whole answer. */
  delivered(): void;
}

/** One answer on a websocket: frames as they come, held back a little when the reader is slow. */
export class SocketTurn implements AsyncIterator<EventBatch> {
  private readonly waiting: EventBatch[] = [];
  private waitingBytes = 0;
  private paused = false;
  private complete = false;
  private givenBack = false;
  private failure: GatewayError | undefined;
  private silence: NodeJS.Timeout | undefined;
  private readonly readers: (() => void)[] = [];
  private readonly aborted = (): void => {
    this.waiting.length = 0;
    this.fail(failureMidway(undefined, this.signal));
    this.port.cut();
  };

  /** @param idleMs the longest silence of the upstream; time in which nothing is read does not count */
  constructor(
    private readonly port: TurnPort,
    private readonly idleMs: number,
    private readonly signal: AbortSignal,
  ) {
    this.listen();
    signal.addEventListener('abort', this.aborted);
    if (signal.aborted) this.aborted();
  }

  /** Wait for the first frame, which is still to be read. @throws GatewayError when the answer breaks off before */
  async first(): Promise<EventBatch> {
    while (this.waiting[0] === undefined) {
      if (this.failure) throw this.failure;
      await this.change();
    }
    return this.waiting[0];
  }

  /** @param isLast whether the answer ends with it */
  push(frame: EventBatch, isLast: boolean): void {
    if (this.isOver) return;
    this.waiting.push(frame);
    this.waitingBytes += frame.raw.length;
    if (isLast) {
      this.complete = true;
      this.settle();
    } else if (this.waiting.length >= MAX_WAITING_FRAMES || this.waitingBytes >= MAX_WAITING_BYTES) this.pause();
    else if (!this.paused) this.silence?.refresh();
    this.wake();
  }

  /** The answer breaks off; what came before is still read. */
  fail(failure: GatewayError): void {
    if (this.isOver) return;
    this.failure = failure;
    this.settle();
    this.wake();
  }

  async next(): Promise<IteratorResult<EventBatch>> {
    for (;;) {
      const frame = this.waiting.shift();
      if (frame) return { done: false, value: this.taken(frame) };
      if (this.givenBack || this.complete) return OVER;
      if (this.failure) throw this.failure;
      await this.change();
    }
  }

  async return(): Promise<IteratorResult<EventBatch>> {
    const unread = this.waiting.length > 0 || !this.complete;
    if (!this.givenBack && unread && !this.failure) this.port.cut();
    this.givenBack = true;
    this.waiting.length = 0;
    this.settle();
    this.wake();
    return OVER;
  }

  private get isOver(): boolean {
    return this.complete || this.givenBack || this.failure !== undefined;
  }

  private taken(frame: EventBatch): EventBatch {
    this.waitingBytes -= frame.raw.length;
    if (this.waiting.length === 0 && this.complete) this.port.delivered();
    else if (this.waiting.length <= MAX_WAITING_FRAMES / 2 && this.waitingBytes < MAX_WAITING_BYTES / 2) this.resume();
    return frame;
  }

  private pause(): void {
    if (this.paused) return;
    this.paused = true;
    clearTimeout(this.silence);
    this.port.pause();
  }

  private resume(): void {
    if (!this.paused) return;
    this.paused = false;
    if (!this.isOver) this.listen();
    this.port.resume();
  }

  /** Nothing more is wanted of the upstream. */
  private settle(): void {
    clearTimeout(this.silence);
    this.signal.removeEventListener('abort', this.aborted);
    if (this.isOver) this.resume();
  }

  private listen(): void {
    this.silence = setTimeout(() => {
      this.fail(new GatewayError('stream_idle_timeout', 'The upstream went silent.'));
      this.port.cut();
    }, this.idleMs);
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.readers.push(resolve));
  }

  private wake(): void {
    for (const reader of this.readers.splice(0)) reader();
  }
}

import { answer, responseObject, say, type AnswerOptions } from './answer.js';
import { message } from './answer-parts.js';
import type { RecordedRequest } from './recorded-request.js';
import { frame, type WireEvent } from './wire-event.js';
import type { Headers, Reply, Wire } from './wire.js';

/** A stream that moves only when the test says so. Serves one request. */
export class HeldStream implements Reply {
  /** Resolves when the request is here and its headers are on the wire. */
  readonly opened: Promise<RecordedRequest>;
  private open: (wire: Wire) => void = () => undefined;
  private readonly wire: Promise<Wire>;
  private sequence = 0;
  private readonly pieces: string[] = [];

  constructor(private readonly headers: Headers) {
    this.wire = new Promise((resolve) => {
      this.open = resolve;
    });
    this.opened = this.wire.then(({ request }) => request);
  }

  async send(wire: Wire): Promise<void> {
    wire.head(200, { 'content-type': 'text/event-stream; charset=utf-8', ...this.headers });
    this.open(wire);
    await wire.request.closed;
  }

  /** Send one event; waits for the request if it is not here yet. @returns whether the client is still there */
  async emit(event: WireEvent): Promise<boolean> {
    return (await this.wire).write(frame(event, this.sequence++));
  }

  /** Send bytes as they are. */
  async raw(bytes: Buffer | string): Promise<boolean> {
    return (await this.wire).write(bytes);
  }

  /** created and in_progress. */
  async start(): Promise<void> {
    const response = responseObject((await this.wire).request);
    await this.emit({ type: 'response.created', response });
    await this.emit({ type: 'response.in_progress', response });
  }

  /** One text delta: the first visible output. */
  async text(delta: string): Promise<boolean> {
    this.pieces.push(delta);
    const at = { item_id: 'msg_held', output_index: 0, content_index: 0 };
    return this.emit({ type: 'response.output_text.delta', ...at, delta, logprobs: [] });
  }

  /** The text so far as a finished item, `response.completed` with usage, and the end of the stream. */
  async finish(options: AnswerOptions = {}): Promise<void> {
    const wire = await this.wire;
    const text = message(this.pieces, 'msg_held');
    const { events } = text.build('held', 0);
    const done = events.at(-1);
    if (done !== undefined) await this.emit(done);
    const completed = answer([text], options).plan.whole?.(wire.request);
    await this.emit({ type: 'response.completed', response: completed });
    wire.end();
  }

  /** End the stream without a terminal event. */
  async cut(how: 'end' | 'destroy' | 'reset' = 'destroy'): Promise<void> {
    const wire = await this.wire;
    if (how === 'end') wire.end();
    else wire.drop(how);
  }
}

/** A request that gets no headers until it is released. Serves one request. */
export class Hang implements Reply {
  /** Resolves when the request is here. */
  readonly opened: Promise<RecordedRequest>;
  private arrived: (request: RecordedRequest) => void = () => undefined;
  private go: (reply: Reply) => void = () => undefined;
  private readonly released: Promise<Reply>;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.arrived = resolve;
    });
    this.released = new Promise((resolve) => {
      this.go = resolve;
    });
  }

  async send(wire: Wire): Promise<void> {
    this.arrived(wire.request);
    const reply = await Promise.race([this.released, wire.request.closed]);
    if (reply !== undefined) await reply.send(wire);
  }

  /** Answer now. */
  release(reply: Reply = say('Late.')): void {
    this.go(reply);
  }
}

export const hold = (headers: Headers = {}): HeldStream => new HeldStream(headers);

export const hang = (): Hang => new Hang();

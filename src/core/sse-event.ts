import type { EventBatch, ResponseEvent } from './events.js';
import { firstDataAt, readBlock, readLabel, sniffType } from './sse-block.js';

/** Its own value, so that a parse that gave `undefined` is not tried again. */
const NOT_PARSED = Symbol('not parsed');

abstract class LazyEvent implements ResponseEvent {
  private parsed: unknown = NOT_PARSED;
  private named: string | undefined;

  constructor(readonly raw: Buffer) {}

  get type(): string {
    this.named ??= this.sniff() ?? (typeIn(this.json()) || (this.label() ?? ''));
    return this.named;
  }

  json(): unknown {
    if (this.parsed === NOT_PARSED) this.parsed = parse(this.text());
    return this.parsed;
  }

  protected abstract sniff(): string | undefined;
  protected abstract label(): string | undefined;
  protected abstract text(): string | undefined;
}

/** One SSE block. */
export class SseEvent extends LazyEvent {
  /** @param closed false for a block that the end of the stream cut: its JSON may be half, so its type is not sniffed */
  constructor(
    raw: Buffer,
    private readonly closed: boolean,
  ) {
    super(raw);
  }

  protected sniff(): string | undefined {
    if (!this.closed) return undefined;
    const data = firstDataAt(this.raw);
    return data === -1 ? undefined : sniffType(this.raw, data);
  }

  protected label(): string | undefined {
    return readLabel(this.raw);
  }

  protected text(): string | undefined {
    return readBlock(this.raw).data;
  }
}

class JsonEvent extends LazyEvent {
  protected sniff(): string | undefined {
    return sniffType(this.raw, 0);
  }

  protected label(): undefined {
    return undefined;
  }

  protected text(): string {
    return this.raw.toString('utf8');
  }
}

/** A whole JSON answer, or one websocket frame, as a batch of one event. */
export function jsonEvent(body: Buffer): EventBatch {
  return { raw: body, events: [new JsonEvent(body)] };
}

/** An event's JSON text, as a websocket carries it: a frame's own, or the data of an SSE block; `undefined` when it has none. */
export const frameOf = (event: ResponseEvent): string | undefined =>
  event instanceof JsonEvent ? event.raw.toString('utf8') : readBlock(event.raw).data;

/**
 * The `event:` line of an SSE block, `undefined` when it is missing or blank. `type` prefers the JSON; public surfaces
 * drop a block whose label says something else.
 */
export const labelOf = (event: ResponseEvent): string | undefined => readLabel(event.raw);

function typeIn(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('type' in value)) return '';
  return typeof value.type === 'string' ? value.type : '';
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

import { GatewayError } from './error.js';
import type { EventBatch, ResponseEvent } from './events.js';
import { HeldBytes } from './held-bytes.js';
import { LineBreaks } from './line-breaks.js';
import { CR, LF } from './sse-block.js';
import { SseEvent } from './sse-event.js';

const MIB = 1024 * 1024;

/** Largest size of one block. */
export interface BlockCaps {
  readonly ordinaryBytes: number;
  /** For a block whose beginning says that it may hold all of an answer: a terminal event, or a finished item, such as a picture. */
  readonly terminalBytes: number;
}

/** How much of a block's beginning is searched for a sign that it may be large. */
const HEAD_BYTES = 1024;
const LARGE_SIGN =
  /(?:^|[\r\n])event: ?\s*response\.(?:completed|failed|incomplete|done|output_item\.done)\s*[\r\n]|"type"\s*:\s*"response\.(?:completed|failed|incomplete|done|output_item\.done)"/;

/**
 * Cuts an SSE byte stream into events, correct for any chunking. Blocks end at an empty line, with LF, CRLF and lone CR
 * in any mix. All batches together are the input, byte for byte; empty lines between blocks belong to the later block.
 *
 * Each byte is looked at once, and copied only when its block came in more than one chunk.
 */
export class SseFramer {
  private readonly caps: BlockCaps;
  private readonly held = new HeldBytes();
  private lineIsEmpty = true;
  private blockIsEmpty = true;
  /** The last byte was a CR: a LF that comes next is its other half, not an empty line. */
  private afterCr = false;
  private failure: GatewayError | undefined;

  constructor(caps: Partial<BlockCaps> = {}) {
    this.caps = { ordinaryBytes: 8 * MIB, terminalBytes: 64 * MIB, ...caps };
  }

  /**
   * @returns the blocks that this chunk completed; `undefined` when there are none
   * @throws GatewayError `upstream_response_too_large` once the blocks before the one that is too large were given out
   */
  push(chunk: Buffer): EventBatch | undefined {
    if (this.failure !== undefined) throw this.failure;
    const ends = this.blockEnds(chunk);
    const done = ends.at(-1);
    if (done === undefined) {
      this.held.add(chunk);
      return this.heldIsTooLarge() ? this.fail(chunk.subarray(0, 0), []) : undefined;
    }
    const carried = this.held.length;
    const raw = this.held.takeWith(chunk.subarray(0, done));
    const events: ResponseEvent[] = [];
    let start = 0;
    for (const end of ends) {
      const block = raw.subarray(start, carried + end);
      if (this.isTooLarge(block.length, () => block.subarray(0, HEAD_BYTES))) {
        return this.fail(raw.subarray(0, start), events);
      }
      events.push(new SseEvent(block, true));
      start = carried + end;
    }
    this.held.add(chunk.subarray(done));
    return this.heldIsTooLarge() ? this.fail(raw, events) : { raw, events };
  }

  /**
   * What is left when the stream is over: a block without its empty line is an event all the same. Its `raw` has no
   * closing separator, so whoever writes anything after it must close it first. Empty lines alone are bytes without an event.
   *
   * @throws GatewayError as `push` does
   */
  end(): EventBatch | undefined {
    if (this.failure !== undefined) throw this.failure;
    const raw = this.held.takeWith(Buffer.alloc(0));
    if (raw.length === 0) return undefined;
    return { raw, events: this.blockIsEmpty ? [] : [new SseEvent(raw, false)] };
  }

  /** Offsets in the chunk at which blocks end. */
  private blockEnds(chunk: Buffer): number[] {
    const ends: number[] = [];
    const breaks = new LineBreaks(chunk, this.afterCr && chunk[0] === LF ? 1 : 0);
    let lineStart = breaks.after;
    while (breaks.advance()) {
      if (breaks.at > lineStart || !this.lineIsEmpty) {
        this.blockIsEmpty = false;
      } else if (!this.blockIsEmpty) {
        ends.push(breaks.after);
        this.blockIsEmpty = true;
      }
      this.lineIsEmpty = true;
      lineStart = breaks.after;
    }
    if (lineStart < chunk.length) {
      this.lineIsEmpty = false;
      this.blockIsEmpty = false;
    }
    if (chunk.length > 0) this.afterCr = chunk.at(-1) === CR;
    return ends;
  }

  private heldIsTooLarge(): boolean {
    return this.isTooLarge(this.held.length, () => this.held.head(HEAD_BYTES));
  }

  private isTooLarge(bytes: number, head: () => Buffer): boolean {
    if (bytes <= this.caps.ordinaryBytes) return false;
    return bytes > this.caps.terminalBytes || !LARGE_SIGN.test(head().toString('latin1'));
  }

  private fail(raw: Buffer, events: readonly ResponseEvent[]): EventBatch {
    this.failure = new GatewayError('upstream_response_too_large', 'The upstream sent an event that is too large.');
    if (events.length === 0) throw this.failure;
    return { raw, events };
  }
}

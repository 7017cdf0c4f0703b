import { isVisible, terminalOf, type EventBatch, type GatewayError, type ResponseEvent } from '../core/index.js';
import { interrupted } from './errors.js';

/** How much of an answer may be held back so that another account can still take the call over. */
export interface WindowLimits {
  readonly blocks: number;
  readonly bytes: number;
  /** After the first event that could be held, how long the next may take. */
  readonly afterFirstMs: number;
  /** How long an answer may stay without any event before the client gets its head. */
  readonly silenceMs: number;
}

export const RETRY_WINDOW: Pick<WindowLimits, 'blocks' | 'bytes'> = { blocks: 32, bytes: 8 * 1024 * 1024 };

export interface Opened {
  /** The whole answer again: what was held, then the rest. */
  readonly batches: AsyncIterable<EventBatch>;
  /** Close the upstream; harmless when it already ended. */
  close(): Promise<void>;
  /** Set when the first thing the upstream said was a failure that another account may not have. */
  readonly failure: GatewayError | undefined;
}

/**
 * Read an answer until it shows something a client could see, and hold that back meanwhile.
 *
 * Codex answers `response.created` and `response.in_progress` before it knows whether it can serve; a failure right
 * after them is as good as one before. The window closes at the first visible event, at a limit, or by time.
 *
 * @param failureOf what a failed first event means; `undefined` when it belongs to the client
 * @throws what the upstream's stream throws inside the window; `stream_interrupted` when it ends there
 */
export async function untilVisible(
  source: AsyncIterable<EventBatch>,
  failureOf: (event: ResponseEvent) => GatewayError | undefined,
  limits: WindowLimits,
): Promise<Opened> {
  const iterator = source[Symbol.asyncIterator]();
  const held: EventBatch[] = [];
  let pending: Promise<IteratorResult<EventBatch>> | undefined;
  let failure: GatewayError | undefined;
  let blocks = 0;
  let bytes = 0;
  let deadline = alarm(limits.silenceMs);
  try {
    while (blocks < limits.blocks && bytes < limits.bytes) {
      pending ??= iterator.next();
      const step = await Promise.race([pending, deadline.rang]);
      if (step === undefined) break;
      pending = undefined;
      if (step.done === true) throw interrupted();
      held.push(step.value);
      if (blocks === 0) deadline = deadline.instead(limits.afterFirstMs);
      blocks += step.value.events.length;
      bytes += step.value.raw.length;
      const visible = step.value.events.find(isVisible);
      if (!visible) continue;
      if (terminalOf(visible)?.outcome === 'failed') failure = failureOf(visible);
      break;
    }
  } finally {
    deadline.off();
  }
  const close = async (): Promise<void> => {
    await iterator.return?.();
  };
  return { batches: rejoined(held, pending, iterator, close), close, failure };
}

interface Alarm {
  readonly rang: Promise<undefined>;
  off(): void;
  instead(ms: number): Alarm;
}

function alarm(ms: number): Alarm {
  let timer: NodeJS.Timeout;
  const rang = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  const off = (): void => clearTimeout(timer);
  return { rang, off, instead: (next) => (off(), alarm(next)) };
}

/** A hand-written iterator: given back before it is read, it must still close the upstream (see `primed`). */
function rejoined(
  held: EventBatch[],
  pending: Promise<IteratorResult<EventBatch>> | undefined,
  iterator: AsyncIterator<EventBatch>,
  close: () => Promise<void>,
): AsyncIterable<EventBatch> {
  let waiting = pending;
  // Nobody may be listening when it fails: the reader asks for it later, or never.
  waiting?.catch(() => undefined);
  const next = async (): Promise<IteratorResult<EventBatch>> => {
    const value = held.shift();
    if (value) return { done: false, value };
    const step = waiting ?? iterator.next();
    waiting = undefined;
    return step;
  };
  return {
    [Symbol.asyncIterator]: () => ({
      next,
      return: async () => {
        await close();
        return { done: true, value: undefined };
      },
    }),
  };
}

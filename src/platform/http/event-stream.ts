import { Readable } from 'node:stream';
import { primed } from '../../core/index.js';

/**
 * Frames as an HTTP body. Awaiting it pulls the first frame, so a failure before that is an ordinary exception with an
 * ordinary status; a later one becomes the last frame, because the status is already on the wire.
 *
 * @param lastFrame what to say instead of the rest; `''` ends the body as it is; throwing cuts the connection
 */
export async function eventStream(
  frames: AsyncIterable<Buffer | string>,
  lastFrame: (error: unknown) => string,
): Promise<Readable> {
  const source = await primed(frames);
  let failed = false;
  const fail = (error: unknown): IteratorResult<Buffer | string> => {
    failed = true;
    const value = lastFrame(error);
    return value === '' ? { done: true, value: undefined } : { done: false, value };
  };
  const body: AsyncIterator<Buffer | string> = {
    next: async () => (failed ? { done: true, value: undefined } : source.next().catch(fail)),
    return: () => source.return(),
  };
  return Readable.from({ [Symbol.asyncIterator]: () => body }, { objectMode: false });
}

/** No cache may keep an event stream, and no proxy may collect it before passing it on. */
export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

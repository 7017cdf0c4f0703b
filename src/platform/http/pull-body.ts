import type { Readable } from 'node:stream';
import { GatewayError } from '../../core/index.js';

export interface Patience {
  /** Longest time without a byte. */
  readonly idleMs: number;
  /** Gives up at once, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Hands every chunk of a request's payload to `take`, and pauses the payload while `take` is busy. Unlike `for await`
 * it never destroys the payload when it stops early: that would take the socket along, and the client's answer with it.
 *
 * @throws GatewayError `request_timeout` after `idleMs` without progress, `client_disconnected` when the client left;
 *   and whatever `take` throws
 */
export function pullBody(
  payload: Readable,
  take: (chunk: Buffer) => Promise<void> | undefined,
  { idleMs, signal }: Patience,
): Promise<void> {
  const { promise, resolve, reject } = deferred();
  const timer = setTimeout(() => stop(stalled()), idleMs);
  /** What `take` is still at work on; `end` may come meanwhile, also of a payload that is paused. */
  let busy: Promise<void> | undefined;
  const onward = () => {
    busy = undefined;
    timer.refresh();
    payload.resume();
  };
  const onData = (chunk: Buffer) => {
    timer.refresh();
    try {
      busy = take(chunk);
      if (busy) payload.pause();
      busy?.then(onward, stop);
    } catch (error) {
      stop(error);
    }
  };
  const onGone = () => stop(gone());
  const onAbort = () => stop(signal?.reason);
  const release = () => {
    clearTimeout(timer);
    payload.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
    payload.on('error', ignore); // a client that leaves later must not take the process down
    signal?.removeEventListener('abort', onAbort);
  };
  const onEnd = () => {
    release();
    (busy ?? Promise.resolve()).then(resolve, reject);
  };
  const stop = (error: unknown) => {
    release();
    reject(error);
  };

  if (payload.readableEnded) onEnd();
  else if (payload.destroyed) onGone();
  else if (signal?.aborted) onAbort();
  else {
    signal?.addEventListener('abort', onAbort);
    payload.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  }
  return promise;
}

const ignore = () => undefined;
const stalled = () => new GatewayError('request_timeout', 'The request body stalled.');
const gone = () => new GatewayError('client_disconnected', 'The client left before its request was complete.');

function deferred() {
  let resolve: () => void = ignore;
  let reject: (reason: unknown) => void = ignore;
  const promise = new Promise<void>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}

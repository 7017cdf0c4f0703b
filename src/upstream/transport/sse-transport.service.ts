import type { Readable } from 'node:stream';
import { from, GatewayError, type EventBatch } from '../../core/index.js';
import { anyAnswer, framed, jsonAnswer, looksLikeSse, MAX_JSON_BYTES, wholeBody } from './answer-body.js';
import { failedAnswer } from './failed-answer.js';
import type { ReadFailure } from './failure.js';
import type { UpstreamRequest } from './upstream-request.js';
import { header, type ReceivedHeaders } from './received-headers.js';
import { failureMidway, failureToAnswer } from './transport-error.js';
import type { UpstreamHttp } from './upstream-http.service.js';

/** A 2xx answer: its head, and its events as they come. */
export interface TransportAnswer {
  readonly status: number;
  readonly headers: ReceivedHeaders;
  readonly batches: AsyncIterable<EventBatch>;
}

/** What a 2xx answer has to be; `bytes` takes anything. */
export type Expected = 'events' | 'json' | 'bytes';

/** Calls over plain HTTP: one request, answered by an event stream or by one whole body. */
export class SseTransport {
  /** @param readFailure what an answer that is not 2xx means to the upstream's kind */
  constructor(
    private readonly http: UpstreamHttp,
    private readonly readFailure: ReadFailure,
  ) {}

  /**
   * @param expected all but an event stream is read whole before this returns
   * @throws GatewayError for every answer that is not 2xx, every answer that cannot be one, every transport failure
   */
  async open(request: UpstreamRequest, expected: Expected, signal: AbortSignal): Promise<TransportAnswer> {
    const answer = await this.http.send(request, signal);
    const { status, headers, body } = answer;
    try {
      if (status < 200 || status > 299)
        throw await failedAnswer(answer, this.readFailure, Date.now(), expected === 'bytes');
      const declared = header(headers, 'content-type')?.toLowerCase() ?? '';
      const streams = expected !== 'bytes' && declared.startsWith('text/event-stream');
      if (streams) return { status, headers, batches: streamed(body, [], signal) };
      if (expected !== 'events') {
        const whole = await wholeBody(body, MAX_JSON_BYTES);
        return { status, headers, batches: from([expected === 'json' ? jsonAnswer(whole) : anyAnswer(whole)]) };
      }
      const start = await beginning(body);
      return {
        status,
        headers: { ...headers, 'content-type': 'text/event-stream' },
        batches: streamed(body, start, signal),
      };
    } catch (thrown) {
      body.destroy();
      throw unusable(thrown, signal);
    }
  }
}

/** An answer that breaks off before it could be given to anybody is no answer. */
function unusable(thrown: unknown, signal: AbortSignal): GatewayError {
  const failure = failureToAnswer(thrown, signal);
  return failure.code === 'upstream_request_failed'
    ? new GatewayError('invalid_upstream_response', 'The upstream answer broke off.', { cause: thrown })
    : failure;
}

/**
 * The first chunks of a body that does not say it is an event stream, as many as it takes to know that it is one.
 *
 * @throws GatewayError `invalid_upstream_response` when it is something else
 */
async function beginning(body: Readable): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  const iterator = body.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  for await (const chunk of iterator) {
    chunks.push(chunk);
    const verdict = looksLikeSse(Buffer.concat(chunks));
    if (verdict === true) return chunks;
    if (verdict === false) break;
  }
  throw new GatewayError('invalid_upstream_response', 'The upstream did not answer with an event stream.');
}

/**
 * A hand-written iterator round the generator: `return()` on a generator that nobody has started would leave the
 * connection open.
 */
function streamed(body: Readable, start: readonly Buffer[], signal: AbortSignal): AsyncIterable<EventBatch> {
  const batches = framed(start.length === 0 ? body : chunksOf(body, start));
  const iterator: AsyncIterator<EventBatch> = {
    next: async () => {
      try {
        return await batches.next();
      } catch (thrown) {
        body.destroy();
        throw failureMidway(thrown, signal);
      }
    },
    return: async () => {
      // First the socket: a generator that waits for the next chunk only ends when there is none.
      body.destroy();
      await batches.return(undefined).catch(() => undefined);
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

async function* chunksOf(body: Readable, start: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* start;
  yield* body as AsyncIterable<Buffer>;
}

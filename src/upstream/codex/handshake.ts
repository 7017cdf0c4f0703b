import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { GatewayError } from '../../core/index.js';
import { decodedBody } from '../transport/decoded-body.js';
import { failedAnswer } from '../transport/failed-answer.js';
import type { ReceivedHeaders } from '../transport/received-headers.js';
import { failureToAnswer } from '../transport/transport-error.js';
import { failureOf } from './failure.js';

/** Answers to an upgrade that say that there are no websockets, however often it is asked. */
const NO_WEBSOCKETS: ReadonlySet<number> = new Set([404, 405, 426, 501]);

export const noWebsockets = (upstreamStatus?: number): GatewayError =>
  new GatewayError('upstream_websocket_unavailable', 'The upstream serves no websockets.', {
    ...(upstreamStatus === undefined ? {} : { upstreamStatus }),
  });

/**
 * Wait until a websocket is open. When it will not be, the connection is gone.
 *
 * @param connectMs how long the answer to the upgrade may take
 * @returns the headers of that answer
 * @throws GatewayError for an answer that refuses, as for the same answer over HTTP, and for every transport failure
 */
export function handshake(
  ws: WebSocket,
  connectMs: number,
  nowMs: number,
  signal: AbortSignal,
): Promise<ReceivedHeaders> {
  return new Promise((resolve, reject) => {
    let headers: ReceivedHeaders | undefined;
    const over = (): void => {
      clearTimeout(late);
      signal.removeEventListener('abort', aborted);
    };
    const fail = (failure: GatewayError): void => {
      over();
      reject(failure);
      ws.terminate();
    };
    const aborted = (): void => fail(failureToAnswer(undefined, signal));
    const late = setTimeout(() => {
      fail(new GatewayError('upstream_timeout', 'The upstream did not answer in time.', { unsent: true }));
    }, connectMs);
    signal.addEventListener('abort', aborted);
    ws.once('upgrade', (answer) => (headers = answer.headers));
    ws.once('open', () => {
      over();
      resolve(headers ?? {});
    });
    ws.once('unexpected-response', (_, answer) => {
      clearTimeout(late);
      void refused(answer, nowMs).then(fail);
    });
    // What claims to switch protocols and then does not speak this one is no websocket server.
    ws.once('error', (error) => fail(headers ? noWebsockets() : failureToAnswer(error, signal)));
    if (signal.aborted) aborted();
  });
}

/** What an answer means that does not switch protocols. */
async function refused(answer: IncomingMessage, nowMs: number): Promise<GatewayError> {
  const { statusCode: status = 0, headers } = answer;
  try {
    const failure = await failedAnswer({ status, headers, body: decodedBody(answer, headers) }, failureOf, nowMs);
    return isNoServer(failure, status) ? noWebsockets(status) : failure;
  } catch (thrown) {
    return GatewayError.from(thrown);
  } finally {
    answer.destroy();
  }
}

function isNoServer({ code, detail }: GatewayError, status: number): boolean {
  if (code === 'upstream_model_unavailable') return false;
  // A proxy that knows no upgrades passes a plain GET on, and may get a page or a complaint for it.
  const isComplaint = status === 400 && detail.relay?.body.toString('latin1', 0, 1) !== '{';
  return NO_WEBSOCKETS.has(status) || isComplaint || (status >= 200 && status < 300);
}

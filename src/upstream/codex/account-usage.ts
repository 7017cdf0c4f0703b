import { GatewayError, type AccountAccess, type QuotaReport } from '../../core/index.js';
import { quotaOfUsage } from './quota.js';
import type { UpstreamRequest } from '../transport/upstream-request.js';
import { credentials, endpoint, type Backend } from './request.js';
import type { SseTransport } from '../transport/sse-transport.service.js';

/** In the order in which they are tried: where it is depends on how the backend is reached. */
const PATHS = ['/backend-api/wham/usage', '/backend-api/codex/usage', '/wham/usage', '/api/codex/usage'];

type Transport = Pick<SseTransport, 'open'>;

/**
 * What the backend says of an account's use. A path that is not there, or answers with a page for people (such as a login
 * page), is not this one: the next is tried.
 *
 * @param nowMs Unix time in milliseconds, when an answer is there
 * @throws GatewayError for every other failure, and `invalid_upstream_response` when it is nowhere
 */
export async function accountUsage(
  transport: Transport,
  backend: Backend,
  access: AccountAccess,
  signal: AbortSignal,
  nowMs: () => number,
): Promise<QuotaReport> {
  for (const path of PATHS) {
    const json = await answerAt(transport, usageRequest(backend, path, access), signal);
    const report = quotaOfUsage(json, nowMs());
    if (report !== undefined) return report;
  }
  throw new GatewayError('invalid_upstream_response', 'The upstream tells no usage.');
}

/** Credentials and nothing else. */
const usageRequest = (backend: Backend, path: string, access: AccountAccess): UpstreamRequest => ({
  method: 'GET',
  ...endpoint(backend.baseUrl, path),
  headers: { ...credentials(access), 'accept-encoding': 'identity' },
});

/** @returns undefined when there is no JSON here */
async function answerAt(transport: Transport, request: UpstreamRequest, signal: AbortSignal): Promise<unknown> {
  try {
    const { batches } = await transport.open(request, 'json', signal);
    for await (const { events } of batches) return events[0]?.json();
  } catch (thrown) {
    const { code, detail } = GatewayError.from(thrown);
    if (code !== 'invalid_upstream_response' && detail.upstreamStatus !== 404) throw thrown;
  }
  return undefined;
}

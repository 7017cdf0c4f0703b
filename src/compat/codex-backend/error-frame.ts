import type { ErrorCode, GatewayError } from '../../core/index.js';
import { reopen } from '../reopen.js';
import { codexDialect } from './dialect.js';

/** The upstream socket, or its answer, is gone: only a new socket with the full input helps. */
const LOST: ReadonlySet<ErrorCode> = new Set(['stream_interrupted', 'stream_idle_timeout']);

type Fields = Readonly<Record<string, unknown>>;

/**
 * A failed turn as Codex reads it on a websocket: like the HTTP answer of that status. Without `status` at the top a CLI
 * would wait for its idle time-out. What was lost with an upstream socket is told by the one code on which every CLI
 * opens a new websocket silently and sends everything again. Source: codex-cli-wire §5.2.
 *
 * @param nowMs Unix time in milliseconds
 */
export function errorFrame(error: GatewayError, nowMs: number): string {
  const { status, headers, body } = codexDialect.renderError(LOST.has(error.code) ? reopen() : error, nowMs);
  const wait = headers['retry-after'];
  return JSON.stringify({
    type: 'error',
    status,
    error: errorIn(body),
    ...(wait === undefined ? {} : { headers: { 'retry-after': wait } }),
  });
}

function errorIn(body: object | Buffer | string): Fields {
  const whole = Buffer.isBuffer(body) ? parsed(body) : body;
  const error = fieldsOf(fieldsOf(whole)?.['error']);
  if (error) return error;
  const detail = fieldsOf(whole)?.['detail'];
  const message = typeof detail === 'string' ? detail : 'The upstream refused the request.';
  return { type: 'invalid_request_error', code: 'upstream_refused', message, param: null };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

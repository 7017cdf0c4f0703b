import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError, type Fields } from '../../core/index.js';

const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/;
const SUBAGENT = 'x-openai-subagent';
const MEMGEN = 'x-openai-memgen-request';
const NO = new Set(['', '0', 'false']);

/** The body fields that `subagentHeaders` reads: they never go upstream as fields. */
export const SUBAGENT_FIELDS: readonly string[] = ['subagent', 'memgen_request'];

/**
 * What a request says of the sub-agent or memory job that makes it, as the headers in which Codex CLIs say it. A field of
 * the body wins over the header of the same meaning.
 *
 * @throws GatewayError `invalid_request` with the field that is wrong
 */
export function subagentHeaders(body: Fields, headers: IncomingHttpHeaders): Record<string, string> {
  const agent = subagentIn(body['subagent']) ?? headerIn(headers[SUBAGENT]);
  const memgen = memgenIn(body['memgen_request']) ?? memgenHeader(headers[MEMGEN]);
  return {
    ...(agent === undefined ? {} : { [SUBAGENT]: agent }),
    ...(memgen === undefined ? {} : { [MEMGEN]: String(memgen) }),
  };
}

function subagentIn(given: unknown): string | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  if (typeof given === 'string' && HEADER_VALUE.test(given)) return given;
  throw new GatewayError('invalid_request', 'subagent must be a short name', { param: 'subagent' });
}

function memgenIn(given: unknown): boolean | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'boolean') return given;
  throw new GatewayError('invalid_request', 'memgen_request must be a boolean', { param: 'memgen_request' });
}

const memgenHeader = (given: string | readonly string[] | undefined): boolean | undefined =>
  typeof given === 'string' ? !NO.has(given.trim().toLowerCase()) : undefined;

const headerIn = (given: string | readonly string[] | undefined): string | undefined =>
  typeof given === 'string' && HEADER_VALUE.test(given) ? given : undefined;

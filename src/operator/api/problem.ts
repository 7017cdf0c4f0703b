import { STATUS_CODES } from 'node:http';
import { CONTROL_ERRORS, ControlError } from '../../control/index.js';
import type { GatewayError } from '../../core/index.js';

/** An error as RFC 9457 has it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Absent where nobody knows the request by name yet. */
  readonly instance?: string;
  readonly code: string;
  /** Tells refusals of one code apart, such as `identity_mismatch`. */
  readonly reason?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

const TITLES: ReadonlyMap<number, string> = new Map(Object.values(CONTROL_ERRORS));

/** Of what went wrong before, or beside, an operation the codes are the gateway's own. */
export function problemOf(error: ControlError | GatewayError, requestId?: string): Problem {
  const { code, message, status } = error;
  const { problems, reason } = error instanceof ControlError ? error : { problems: [], reason: undefined };
  return {
    type: `urn:codex-pooler:problem:${code}`,
    title: TITLES.get(status) ?? STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    ...(requestId === undefined ? {} : { instance: `urn:request:${encodeURIComponent(requestId)}` }),
    code,
    ...(reason === undefined ? {} : { reason }),
    ...(problems.length === 0 ? {} : { errors: problems }),
  };
}

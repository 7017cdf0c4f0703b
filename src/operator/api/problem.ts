import { CONTROL_ERRORS, ControlError } from '../../control/index.js';

/** An error as RFC 9457 has it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Of what is not ours only that it happened is told. */
export function problemOf(thrown: unknown, requestId: string): Problem {
  const error = thrown instanceof ControlError ? thrown : new ControlError('internal', 'The gateway failed.');
  const [status, title] = CONTROL_ERRORS[error.code];
  return {
    type: `urn:codex-pooler:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    instance: `urn:request:${encodeURIComponent(requestId)}`,
    code: error.code,
    ...(error.problems.length === 0 ? {} : { errors: error.problems }),
  };
}

/** Every way an operation can be refused: the code, its HTTP status and its title. Source of the form: RFC 9457. */
export const CONTROL_ERRORS = {
  invalid_input: [400, 'The request is not valid'],
  unauthorized: [401, 'A valid token is required'],
  forbidden: [403, 'The token does not allow this'],
  not_found: [404, 'There is no such thing'],
  method_not_allowed: [405, 'This path does not answer to this method'],
  conflict: [409, 'The state of things does not allow this'],
  precondition_failed: [412, 'It was changed meanwhile'],
  unprocessable: [422, 'This cannot be done as asked'],
  too_many_requests: [429, 'Too many requests'],
  internal: [500, 'The gateway failed'],
  unavailable: [503, 'This cannot be done right now'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ControlErrorCode = keyof typeof CONTROL_ERRORS;

/** One field that is wrong: its path in the input, and what is wrong with it. */
export interface InputProblem {
  readonly path: string;
  readonly message: string;
}

/** An operation that is refused. `message` is for the operator, and holds no secret and no provider text. */
export class ControlError extends Error {
  override readonly name = 'ControlError';

  constructor(
    readonly code: ControlErrorCode,
    message: string,
    readonly problems: readonly InputProblem[] = [],
    /** A token that tells refusals of one code apart, such as `identity_mismatch`. */
    readonly reason?: string,
  ) {
    super(message);
  }

  get status(): number {
    return CONTROL_ERRORS[this.code][0];
  }
}

/** One field makes no sense. */
export const invalidField = (path: string, message: string): ControlError =>
  new ControlError('invalid_input', `${path}: ${message}`, [{ path, message }]);

export const noCall = (): ControlError => new ControlError('not_found', 'No call of that id is known.');

export const notFound = (what: string): ControlError => new ControlError('not_found', `There is no such ${what}.`);

import { GatewayError, type ErrorCode } from '../../src/core/index.js';

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly param: string | undefined;
}

/** What a request is told that is not as it must be; `undefined` when it is taken. */
export function refusalOf(act: () => unknown): Refusal | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { code: error.code, message: error.message, param: error.detail.param };
  }
}

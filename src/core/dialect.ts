import type { GatewayError } from './error.js';

/** An error before the first byte. A string body goes out as it is, a Buffer too; an object as JSON. */
export interface RenderedError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object | Buffer | string;
}

/** A client protocol's error forms: how a failure looks before and after the first byte. */
export interface Dialect {
  readonly name: string;
  /**
   * @param nowMs     Unix time in milliseconds, for waits that are told in seconds
   * @param requestId for clients that read it in the body; absent where there is none
   */
  renderError(error: GatewayError, nowMs: number, requestId?: string): RenderedError;
  /** The last bytes of a stream whose status is already on the wire. */
  renderStreamError(error: GatewayError): string;
}

/** One HTTP request of ours to an upstream. Holds secrets: never logged. */
export interface UpstreamRequest {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** How many times the usual silence the head of the answer may take; absent: once. */
  readonly patience?: number;
}

/** What an upstream says of one meter of an account as a whole, beside its windows. */
export interface AccountMeter {
  /** `codex` for the account's own use, else the upstream's limit id. */
  readonly limitId: string;
  /** Whether it says that calls are served now; absent: it does not say. */
  readonly allowed?: boolean;
  readonly limitReached?: boolean;
  /** Credits that go on where windows end; absent: nothing is known of any. */
  readonly credits?: { readonly available: boolean; readonly unlimited: boolean };
  /** When it was said: Unix time in milliseconds. */
  readonly observedAtMs: number;
}

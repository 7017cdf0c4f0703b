/** One thing that was done, or found to be so already. */
export interface Applied {
  readonly what: string;
  /** It was not done, and the rest was. */
  readonly refused?: true;
  /** Of a key or token that was minted: seen once, never again. */
  readonly token?: string;
}

import type { AccountId } from '../../core/index.js';

/** Where something is, and whether that can be relied on. */
export interface Holder {
  readonly id: AccountId;
  /** False for what only this process remembers: good enough to prefer an account, not to insist on one. */
  readonly sure: boolean;
}

/** The account that a session is with. */
export interface Home extends Holder {
  /** When that was written down last, Unix time in milliseconds. */
  readonly atMs: number;
  /**
   * Set when the session was with another account before: digests of the first things that this one sealed for it. What
   * stands before all of them in a request was sealed by the other, and cannot be read here.
   */
  readonly since?: readonly string[];
}

/** What was known of the things that a call goes on from when it came. */
export interface Known {
  /** Digest of an anchor → who made it. */
  readonly minted: ReadonlyMap<string, Holder>;
  readonly home?: Home;
}

export const NOTHING_KNOWN: Known = { minted: new Map() };

/** What decides with which account a call goes on. */
export interface Holders extends Known {
  /** Who has the files that it refers to. */
  readonly files?: AccountId;
  /** The accounts of the Pool, whatever their state. Who is not among them was deleted, or taken out of the Pool. */
  readonly accounts: { has(id: AccountId): boolean };
}

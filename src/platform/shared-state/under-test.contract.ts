import type { SharedState } from './shared-state.js';

export interface SharedStateUnderTest {
  state(): SharedState;
  /** Lets time pass until `probe` gives a value that counts as true, and fails when a few seconds were not enough. */
  until<T>(probe: () => Promise<T>): Promise<NonNullable<T>>;
}

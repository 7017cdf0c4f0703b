import type { PoolId } from '../core/index.js';

export type StoredKind = 'response' | 'completion';

/** Which item is meant. An id says nothing outside of its Pool. */
export interface StoredKey {
  readonly poolId: PoolId;
  readonly kind: StoredKind;
  readonly id: string;
}

const MAX_ID_CHARS = 256;

/** Whether a client's text can be an id at all; what cannot be one is not looked for. */
export const isStoredId = (id: string): boolean => id !== '' && id.length <= MAX_ID_CHARS && !id.includes('\0');

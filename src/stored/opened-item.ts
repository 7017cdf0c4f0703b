import type { AccountId, Fields } from '../core/index.js';
import type { SecretBox } from '../platform/crypto/index.js';
import { openFields } from './sealed-fields.js';
import type { StoredKey } from './stored-kind.js';

/** What a client may come back to, readable. */
export interface OpenedItem {
  readonly id: string;
  /** Which account answered. */
  readonly accountId: AccountId;
  readonly content: Fields;
  /** What the client noted of it; `{}` when nothing. */
  readonly metadata: Fields;
}

export interface SealedItem {
  readonly id: string;
  readonly accountId: AccountId;
  readonly content: Buffer;
  readonly metadata: Buffer | null;
}

/** `undefined` when any of it does not open. */
export function openItem(box: SecretBox, of: Omit<StoredKey, 'id'>, row: SealedItem): OpenedItem | undefined {
  const { id, accountId } = row;
  const key = { ...of, id };
  const content = openFields(box, key, 'content', row.content);
  const metadata = row.metadata === null ? {} : openFields(box, key, 'metadata', row.metadata);
  return content && metadata && { id, accountId, content, metadata };
}

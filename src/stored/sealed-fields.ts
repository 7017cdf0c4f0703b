import { asFields, type Fields } from '../core/index.js';
import type { SecretBox } from '../platform/crypto/index.js';
import type { StoredKey } from './stored-kind.js';

/** A sealed column of `stored_item`. A value sealed for one opens in no other, and in no other row. */
type SealedColumn = 'content' | 'metadata';

const sealedFor = ({ poolId, kind, id }: StoredKey, column: SealedColumn) => ({
  purpose: `stored_item.${column}`,
  row: `${poolId}/${kind}/${id}`,
});

export const sealFields = (box: SecretBox, key: StoredKey, column: SealedColumn, fields: Fields): Buffer =>
  box.seal(JSON.stringify(fields), sealedFor(key, column));

/** `undefined` when the key ring no longer holds its key, or when it is damaged or not of this row. */
export function openFields(box: SecretBox, key: StoredKey, column: SealedColumn, sealed: Buffer): Fields | undefined {
  try {
    return asFields(JSON.parse(box.open(sealed, sealedFor(key, column))));
  } catch {
    return undefined;
  }
}

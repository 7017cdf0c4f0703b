import type { SecretBox } from '../../platform/crypto/index.js';

/** A sealed column of `login_flow`. A value sealed for one opens in no other, and in no other row. */
type LoginColumn = 'state' | 'verifier' | 'device_auth_id';

const sealedFor = (id: string, column: LoginColumn) => ({ purpose: `login_flow.${column}`, row: id });

export const sealLogin = (box: SecretBox, id: string, column: LoginColumn, plain: string): Buffer =>
  box.seal(plain, sealedFor(id, column));

/** @throws SecretUnreadable when the key ring no longer holds the key, or the value is not this row's */
export const openLogin = (box: SecretBox, id: string, column: LoginColumn, sealed: Buffer): string =>
  box.open(sealed, sealedFor(id, column));

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyRing } from './key-ring.js';

/** Where a secret belongs. It opens nowhere else, so a sealed value copied to another row or column is useless. */
export interface SealedFor {
  /** What the secret is, e.g. `upstream_account.refresh_token`. */
  readonly purpose: string;
  /** Primary key of its row. */
  readonly row: string;
}

/** A sealed value is damaged, foreign, or sealed with a key that is not in the ring. Says nothing about its content. */
export class SecretUnreadable extends Error {
  override readonly name = 'SecretUnreadable';

  constructor() {
    super('A stored secret cannot be read: its key is missing, or it was changed or moved.');
  }
}

const FORMAT = 1;
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Secrets at rest, AES-256-GCM. Envelope: format (1 byte), length of the key id (1), key id, nonce (12), tag (16),
 * ciphertext. Nonces are random: one key is good for 2^32 seals.
 */
export class SecretBox {
  constructor(private readonly ring: KeyRing) {}

  seal(plain: string, aad: SealedFor): Buffer {
    const { id, key } = this.ring.current;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(bound(aad, id));
    const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    const keyId = Buffer.from(id, 'latin1');
    return Buffer.concat([Buffer.from([FORMAT, keyId.length]), keyId, nonce, cipher.getAuthTag(), text]);
  }

  /** @throws SecretUnreadable for whatever reason it does not open */
  open(sealed: Buffer, aad: SealedFor): string {
    const keyIdEnd = 2 + (sealed[1] ?? 0);
    const nonceEnd = keyIdEnd + NONCE_BYTES;
    const textStart = nonceEnd + TAG_BYTES;
    const key = this.ring.find(sealed.toString('latin1', 2, keyIdEnd));
    if (sealed[0] !== FORMAT || sealed.length < textStart || key === undefined) throw new SecretUnreadable();
    const decipher = createDecipheriv(CIPHER, key.key, sealed.subarray(keyIdEnd, nonceEnd), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(bound(aad, key.id))
      .setAuthTag(sealed.subarray(nonceEnd, textStart));
    const text = decipher.update(sealed.subarray(textStart));
    try {
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch {
      throw new SecretUnreadable();
    }
  }
}

/** @throws Error for a NUL in either part: two different places could look the same */
function bound({ purpose, row }: SealedFor, keyId: string): Buffer {
  if (purpose.includes('\0') || row.includes('\0'))
    throw new Error('Purpose and row of a secret must not contain NUL.');
  return Buffer.from(`${purpose}\0${row}\0${keyId}`, 'utf8');
}

import { createSecretKey, type KeyObject } from 'node:crypto';

export interface RingKey {
  readonly id: string;
  readonly key: KeyObject;
}

const ENTRY = /^([A-Za-z0-9_]{1,16}):([A-Za-z0-9+/]{43}=)$/;

/** The keys for secrets at rest. Key material sits in opaque key objects, so printing a ring prints no key. */
export class KeyRing {
  private readonly byId: ReadonlyMap<string, RingKey>;

  /** @param current encrypts, as well as every key of `older` decrypts */
  constructor(
    readonly current: RingKey,
    older: readonly RingKey[],
  ) {
    this.byId = new Map([current, ...older].map((entry) => [entry.id, entry]));
  }

  find(id: string): RingKey | undefined {
    return this.byId.get(id);
  }
}

/**
 * `v2:<base64 of 32 bytes>,v1:<…>`, newest first. To rotate, put a new key in front and keep the old ones for as long
 * as anything sealed with them is stored.
 *
 * @throws Error that says which entry is wrong, never what is in it
 */
export function parseKeyRing(text: string): KeyRing {
  const [current, ...older] = text.trim().split(',').map(parseEntry);
  if (current === undefined) throw new Error('The key ring is empty.');
  const ids = new Set([current, ...older].map(({ id }) => id));
  if (ids.size !== older.length + 1) throw new Error('Two keys of the key ring have the same id.');
  return new KeyRing(current, older);
}

function parseEntry(entry: string, index: number): RingKey {
  const [, id, key] = ENTRY.exec(entry.trim()) ?? [];
  if (id === undefined || key === undefined) {
    throw new Error(`Entry ${index + 1} of the key ring is not <id>:<base64 of 32 bytes>.`);
  }
  return { id, key: createSecretKey(Buffer.from(key, 'base64')) };
}

import { sha256 } from '../platform/crypto/index.js';
import type { AuditRecord } from './audit-event.js';
import { canonicalJson } from './canonical-json.js';

/** An event without what ties it to others. */
export type Unchained = Omit<AuditRecord, 'hash' | 'prevHash'>;

/** SHA-256 over the hash of the event before and the event itself as canonical JSON. */
export const hashOf = (prevHash: Buffer, event: Unchained): Buffer =>
  sha256(Buffer.concat([prevHash, Buffer.from(canonicalJson(event))]));

/** One end of a stretch of the chain. */
export interface Link {
  readonly seq: number;
  readonly hash: Buffer;
}

/** `changed`: the event says something else than it did. */
export type Break = 'missing' | 'inserted' | 'changed';

/** How the next event ties in. @returns undefined when it does */
export function breakAt(before: Link, { hash, prevHash, ...event }: AuditRecord): Break | undefined {
  if (event.seq > before.seq + 1) return 'missing';
  if (event.seq <= before.seq) return 'inserted';
  const prev = Buffer.from(prevHash, 'hex');
  return prev.equals(before.hash) && hashOf(prev, event).toString('hex') === hash ? undefined : 'changed';
}

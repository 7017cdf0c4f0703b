import { hash } from 'node:crypto';
import { asFields, asText } from './fields.js';

/**
 * What an earlier answer gave and a later request goes on from: a response by its id, reasoning or a folded conversation
 * by what its maker sealed in it.
 */
export interface Anchor {
  readonly kind: 'response' | 'reasoning' | 'conversation';
  /** As `anchorDigest` makes it. */
  readonly digest: string;
}

/** SHA-256, base64url: of a response's id, or of an item's `encrypted_content`. */
export const anchorDigest = (given: string | Buffer): string => hash('sha256', given, 'base64url');

/** What of an item only the account that made it can read. */
export interface SealedContent {
  readonly kind: Exclude<Anchor['kind'], 'response'>;
  readonly content: string;
}

const SEALED_KINDS: ReadonlyMap<unknown, SealedContent['kind']> = new Map([
  ['reasoning', 'reasoning'],
  ['compaction', 'conversation'],
  ['compaction_summary', 'conversation'],
]);

/** @returns undefined for an item that anybody can read. Source: codex-cli-wire §3.1, §7. */
export function sealedContent(item: unknown): SealedContent | undefined {
  const fields = asFields(item);
  const kind = fields && SEALED_KINDS.get(fields['type']);
  const content = kind && asText(fields['encrypted_content']);
  return content === undefined || kind === undefined ? undefined : { kind, content };
}

import { sha256 } from '../platform/crypto/index.js';

const TOKEN = /^((sk|opr|mcp)-cxp-[0-9a-f]{12})-([A-Za-z0-9_-]{43})$/;

/** Whose a token is: a Pool's, an operator's, or one for the MCP endpoint. One is never taken for another. */
export type TokenFamily = 'sk' | 'opr' | 'mcp';

/** Random bytes that one token takes: 6 for its prefix, 32 for its secret. */
export const TOKEN_RANDOM_BYTES = 38;

/** A token as its parts: what may be stored and shown, and nothing of the secret itself. */
export interface ParsedToken {
  /** The family, `-cxp-` and 12 hex digits. */
  readonly prefix: string;
  /** SHA-256 of the secret part as it is written. */
  readonly digest: Buffer;
}

/** @param random `TOKEN_RANDOM_BYTES` bytes of a cryptographic source */
export function mintToken(random: Buffer, family: TokenFamily = 'sk'): string {
  if (random.length !== TOKEN_RANDOM_BYTES) throw new RangeError(`A token takes ${TOKEN_RANDOM_BYTES} random bytes.`);
  return `${family}-cxp-${random.toString('hex', 0, 6)}-${random.toString('base64url', 6)}`;
}

/** `undefined` for everything that is not a well-formed token of the family. */
export function parseToken(token: string, family: TokenFamily = 'sk'): ParsedToken | undefined {
  const [, prefix, found, secret] = TOKEN.exec(token) ?? [];
  return prefix === undefined || secret === undefined || found !== family
    ? undefined
    : { prefix, digest: sha256(secret) };
}

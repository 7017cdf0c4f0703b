import type { Dialect } from '../core/index.js';
import { anthropicDialect } from './anthropic-messages/dialect.js';
import { codexDialect } from './codex-backend/dialect.js';
import { chatDialect, nativeChatDialect } from './openai-chat/dialect.js';
import { openaiDialect } from './openai-errors.js';
import { responsesDialect } from './openai-responses/dialect.js';

/** Path prefix → how errors look there; the first that fits. */
export const DIALECTS: readonly (readonly [prefix: string, dialect: Dialect])[] = [
  ['/backend-api/codex/v1/chat/', nativeChatDialect],
  ['/v1/chat/', chatDialect],
  ['/v1/messages', anthropicDialect],
  ['/v1/responses', responsesDialect],
  ['/v1', openaiDialect],
  ['/', codexDialect],
];

/** The dialect of a decoded path. The last entry fits every path. */
export function dialectFor(path: string): Dialect {
  return DIALECTS.find(([prefix]) => path.startsWith(prefix))?.[1] ?? codexDialect;
}

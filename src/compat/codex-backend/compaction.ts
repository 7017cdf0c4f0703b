import { GatewayError } from '../../core/index.js';

/**
 * Whether a Responses request asks for its history to be folded into one opaque item: its last input item, and no other,
 * is a `compaction_trigger`. Source: codex-cli-wire §7, runtime contract §7.4.
 *
 * @param continues whether the request goes on from an earlier response, which then holds what is to be folded
 * @throws GatewayError `invalid_request` for a trigger anywhere else, a second one, or one with nothing to fold before it
 */
export function asksForCompaction(input: readonly unknown[], continues: boolean): boolean {
  const triggers = input.filter(isTrigger).length;
  if (triggers === 0) return false;
  const before = input.slice(0, -1);
  const folds = continues || before.length === 0 || before.some(isContent);
  if (triggers > 1 || !isTrigger(input.at(-1)) || !folds) {
    throw new GatewayError('invalid_request', 'compaction_trigger must come once, last, and after visible content', {
      param: 'input',
    });
  }
  return true;
}

/** The same input without its triggers; itself when it has none. */
export const withoutTriggers = (input: readonly unknown[]): readonly unknown[] =>
  input.some(isTrigger) ? input.filter((item) => !isTrigger(item)) : input;

const isTrigger = (item: unknown): boolean => typeOf(item) === 'compaction_trigger';

/** What the model never said and nobody told it. */
const NO_CONTENT: ReadonlySet<unknown> = new Set(['reasoning', 'additional_tools', 'configuration_update']);

function isContent(item: unknown): boolean {
  if (typeof item !== 'object' || item === null || NO_CONTENT.has(typeOf(item))) return false;
  const content = 'content' in item ? item.content : undefined;
  if (typeof content === 'string') return content.trim() !== '';
  return Array.isArray(content) ? content.length > 0 : typeOf(item) !== 'message';
}

const typeOf = (item: unknown): unknown =>
  typeof item === 'object' && item !== null && 'type' in item ? item.type : undefined;

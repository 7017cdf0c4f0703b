import { asFieldsList, GatewayError, type Fields } from '../../core/index.js';

const MARKER = '[codex-pooler checkpoint v1]';

/**
 * A folded conversation as text that a client can keep, and send again as a system message.
 *
 * @param output the items that the conversation was folded into
 */
export const checkpointText = (output: readonly unknown[]): string => `${MARKER}\n${JSON.stringify(output)}`;

/**
 * The items of a checkpoint; `undefined` for every other text.
 *
 * @throws GatewayError `invalid_request` when it begins as a checkpoint and is none
 */
export function checkpointItems(text: string): readonly Fields[] | undefined {
  const given = text.trimStart();
  if (!given.startsWith(MARKER)) return undefined;
  const items = asFieldsList(parsed(given.slice(MARKER.length)));
  if (items.length > 0) return items.map(withoutId);
  throw new GatewayError('invalid_request', 'The checkpoint is not whole: send its text as it was given.', {
    param: 'messages',
  });
}

/** Nothing is stored upstream, so ids mean nothing there and are refused. */
function withoutId({ id, status, ...item }: Fields): Fields {
  return item;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // the parser's message quotes the conversation
  }
}

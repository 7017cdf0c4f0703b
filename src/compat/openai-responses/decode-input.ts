import { asFields, asFieldsList, type Fields } from '../../core/index.js';
import { decodeItem } from './decode-item.js';
import { isNamed, wrong } from './item-shape.js';

/**
 * The items of a Responses request as the backend takes them; what the system says is still among them.
 *
 * @param given a text, one item, or a list of them
 * @throws GatewayError with param `input`
 */
export function inputItems(given: unknown): readonly Fields[] {
  if (typeof given === 'string') return [userSays(given)];
  const items: readonly unknown[] = Array.isArray(given) ? given : [asFields(given)];
  if (items.length === 0 || items[0] === undefined) throw wrong('input must be a string or a list of items');
  return withCallIds(items).flatMap((item, index) => decodeItem(item, `input[${index}]`));
}

const userSays = (text: string): Fields => ({
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text }],
});

/** OpenCode leaves out which call an output belongs to when it stands right behind it (trap 26). */
function withCallIds(items: readonly unknown[]): readonly unknown[] {
  return items.map((item, index) => {
    const output = asFields(item);
    const call = asFields(items[index - 1]);
    if (output?.['type'] !== 'function_call_output' || call?.['type'] !== 'function_call') return item;
    if (isNamed(output['call_id']) || isNamed(output['name'])) return item;
    const id = [call['call_id'], call['id']].find(isNamed);
    return id === undefined ? item : { ...output, call_id: id };
  });
}

/** What the system says is an instruction wherever it stands; the backend knows no such role. */
export interface LiftedInput {
  readonly input: readonly unknown[];
  /** In their order. */
  readonly instructions: readonly string[];
}

/** @param items in the form that `inputItems` gives them */
export function liftedInput(items: readonly unknown[]): LiftedInput {
  const system = items.filter(isSystem);
  if (system.length === 0) return { input: items, instructions: [] };
  const parts = system.flatMap((item) => asFieldsList(asFields(item)?.['content']));
  return {
    input: items.filter((item) => !isSystem(item)),
    instructions: parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])),
  };
}

function isSystem(item: unknown): boolean {
  const fields = asFields(item);
  return fields?.['role'] === 'system' && fields['type'] === 'message';
}

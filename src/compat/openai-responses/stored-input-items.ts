import { asFieldsList, asText, type Fields } from '../../core/index.js';

/** What a response was made from, as entries of a list: each with an id of its own, and messages always in parts. */
export function inputItems(input: readonly unknown[]): readonly (Fields & { readonly id: string })[] {
  const taken = new Set<string>();
  return asFieldsList(input).map((item, place) => {
    const own = asText(item['id']) ?? asText(item['call_id']);
    // A call and its output share an id; whoever turns pages by it would never get past them.
    const id = own === undefined || taken.has(own) ? `input_${place}` : own;
    taken.add(id);
    const type = asText(item['type']) ?? 'message';
    const entry = { ...item, id, type, status: 'completed' };
    return type === 'message' ? { ...entry, content: parts(item) } : entry;
  });
}

function parts({ role, content }: Fields): unknown {
  if (typeof content !== 'string') return content ?? [];
  return [{ type: role === 'assistant' ? 'output_text' : 'input_text', text: content }];
}

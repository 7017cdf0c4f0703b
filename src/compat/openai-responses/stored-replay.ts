import { asText, sseFrame, type Fields } from '../../core/index.js';

const LAST = 'data: [DONE]\n\n';

const NUMBER = /^\d{1,9}$/;

/** The number of the event that a client saw last, when it says so. @param query of the address */
export function lastSeen(query: Fields): number | undefined {
  const after = asText(query['starting_after']) ?? '';
  return NUMBER.test(after) ? Number(after) : undefined;
}

/** A stored response as the stream that it may have been. @param after frames up to that number were seen already */
export function replay(response: Fields, after = -1): string {
  const output = Array.isArray(response['output']) ? (response['output'] as unknown[]) : [];
  const status = asText(response['status']) === 'incomplete' ? 'incomplete' : 'completed';
  const begun = { ...response, status: 'in_progress', output: [], usage: null, incomplete_details: null };
  const events: readonly Fields[] = [
    { type: 'response.created', response: begun },
    ...output.map((item, place) => ({ type: 'response.output_item.done', output_index: place, item })),
    { type: `response.${status}`, response },
  ];
  const frames = events.map(({ type, ...rest }, number) =>
    sseFrame(String(type), { type, sequence_number: number, ...rest }),
  );
  return [...frames.slice(after + 1), LAST].join('');
}

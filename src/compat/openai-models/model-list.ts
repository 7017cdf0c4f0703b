import { asFieldsList, asText, type Fields } from '../../core/index.js';
import type { OfferedModel, PoolCatalog } from '../../upstream/index.js';

const OWNER = 'codex-pooler';
/** What Codex clients take when a model does not say how much of its window is for them. */
const USUAL_PERCENT = 95;

/**
 * The models of a Pool as OpenAI's clients know them, JSON; Codex clients that are pointed here find their own list
 * beside it. Source: runtime contract §10.1.
 */
export const modelList = ({ listed, entries }: Pick<PoolCatalog, 'listed' | 'entries'>): string =>
  JSON.stringify({ object: 'list', data: listed.map(modelObject), models: entries.map(({ entry }) => entry) });

export function modelObject({ slug, entry, since }: OfferedModel): object {
  const context = contextLength(entry);
  return {
    id: slug,
    object: 'model',
    created: since,
    owned_by: OWNER,
    permission: [],
    input_modalities: modalitiesOf(entry),
    display_name: asText(entry['display_name']) ?? slug,
    supports_streaming: true,
    supports_tools: true,
    supports_reasoning: asFieldsList(entry['supported_reasoning_levels']).length > 0,
    ...(context === undefined ? {} : { context_length: context }),
  };
}

function modalitiesOf(entry: Fields): readonly unknown[] {
  const given = entry['input_modalities'];
  return Array.isArray(given) ? (given as unknown[]) : ['text'];
}

/** In tokens; `undefined` when the upstream does not say. */
function contextLength(entry: Fields): number | undefined {
  const tokens = countIn(entry['context_window']);
  if (tokens === undefined) return undefined;
  return Math.floor((tokens * (countIn(entry['effective_context_window_percent']) ?? USUAL_PERCENT)) / 100);
}

const countIn = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;

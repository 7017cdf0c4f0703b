import type { ResponseEvent } from '../../core/index.js';

/** What a client may learn from the `headers` inside an event; everything else there speaks of one account. */
const SHOWN: ReadonlySet<string> = new Set([
  'openai-model',
  'x-codex-turn-state',
  'x-reasoning-included',
  'x-codex-safety-buffering-enabled',
  'x-codex-safety-buffering-faster-model',
]);
/** As a key: inside a string its quotes would be escaped. */
const KEY = '"headers"';

type Fields = Readonly<Record<string, unknown>>;

/**
 * An event's text with its `headers` objects, at the top or in its response, reduced to what a client may see. The text
 * as it came when there is nothing to reduce: it is not even parsed then. Source: runtime contract §4.1, §9.3.
 *
 * @param model what was asked for: an `openai-model` that differs would be told to the user as a rerouting
 */
export function projectedHeaders(event: ResponseEvent, text: string, model: string): string {
  if (!text.includes(KEY)) return text;
  const json = fieldsOf(event.json());
  if (!json) return text;
  const response = fieldsOf(json['response']);
  const reduced = {
    ...json,
    ...shownIn(json, model),
    ...(response ? { response: { ...response, ...shownIn(response, model) } } : {}),
  };
  return JSON.stringify(reduced);
}

function shownIn(holder: Fields, model: string): Fields {
  const headers = fieldsOf(holder['headers']);
  if (!headers) return {};
  const shown = Object.entries(headers).filter(([name, value]) => {
    const key = name.toLowerCase();
    return SHOWN.has(key) && (key !== 'openai-model' || isSame(value, model));
  });
  return { headers: Object.fromEntries(shown) };
}

const isSame = (value: unknown, model: string): boolean =>
  typeof value === 'string' && value.trim().toLowerCase() === model.trim().toLowerCase();

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

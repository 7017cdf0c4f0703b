import { asFieldsList, REASONING_EFFORTS, type Fields, type ReasoningEffort } from '../../core/index.js';

/** What a model knows of reasoning efforts. */
export interface ModelEfforts {
  /** From the least to the most; [] for a model that does not reason. Absent: unknown. */
  readonly levels?: readonly ReasoningEffort[];
  /** What it takes when nothing is said. Absent: unknown. */
  readonly standard?: ReasoningEffort;
}

/** @param entry of the catalog, the upstream's own object */
export function modelEfforts(entry: Fields): ModelEfforts {
  const { supported_reasoning_levels: supported, default_reasoning_level: given } = entry;
  const names = new Set(asFieldsList(supported).map(({ effort }) => lower(effort)));
  const standard = effortIn(given);
  return {
    ...(Array.isArray(supported) ? { levels: REASONING_EFFORTS.filter((effort) => names.has(effort)) } : {}),
    ...(standard === undefined ? {} : { standard }),
  };
}

/** `undefined` for everything that is no effort. */
export const effortIn = (value: unknown): ReasoningEffort | undefined =>
  REASONING_EFFORTS.find((effort) => effort === lower(value));

const lower = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.trim().toLowerCase() : undefined;

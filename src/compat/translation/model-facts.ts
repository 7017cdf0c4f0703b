import { asFieldsList, asText, type Fields } from '../../core/index.js';

/** What the catalog knows of a model, as far as a translated request depends on it. All absent: the model is not listed. */
export interface ModelFacts {
  /** What the model expects as instructions when a client has none of its own. */
  readonly baseInstructions?: string;
  /** Lower-case; absent: unknown. */
  readonly efforts?: ReadonlySet<string>;
  readonly supportsVerbosity?: boolean;
  readonly supportsSummaries?: boolean;
  /** In tokens. */
  readonly contextWindow?: number;
  /** In tokens: where a client should fold its conversation. */
  readonly compactAt?: number;
}

/** @param entry the upstream's own object. Source: the model list that codex-cli 0.169 reads */
export function modelFacts(entry: Fields): ModelFacts {
  const efforts = asFieldsList(entry['supported_reasoning_levels']).flatMap((level) => asText(level['effort']) ?? []);
  const facts = {
    baseInstructions: asText(entry['base_instructions']),
    efforts: efforts.length === 0 ? undefined : new Set(efforts.map((effort) => effort.toLowerCase())),
    supportsVerbosity: asBoolean(entry['support_verbosity']),
    supportsSummaries: asBoolean(entry['supports_reasoning_summaries']),
    contextWindow: asCount(entry['context_window']),
    compactAt: asCount(entry['auto_compact_token_limit']),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

const asBoolean = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

const asCount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;

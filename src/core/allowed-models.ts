import { matchesModel, normalModel } from './model-pattern.js';

/** The only models that somebody may ask for. */
export interface AllowedModels {
  /** Patterns with `*`, trimmed, lower-case and sorted: equal ones allow the same. */
  readonly patterns: readonly string[];
  has(model: string): boolean;
}

/** @param patterns names, or patterns with `*`, however they are written */
export function allowedModels(patterns: readonly string[]): AllowedModels {
  const sorted = [...new Set(patterns.map(normalModel))].sort();
  return { patterns: sorted, has: (model) => sorted.some((pattern) => matchesModel(pattern, model)) };
}

import type { Fields } from '../../core/index.js';
import type { CodexSettings } from './codex-folder.js';

/** In tokens. */
export interface ContextLimits {
  readonly contextWindow: number;
  /** Where a client should fold its conversation. */
  readonly compactAt: number;
}

/** When neither Codex's settings nor the catalog knows, and how full a window may become then. Source: seed-features T3. */
const USUAL_WINDOW = 200_000;
const USUAL_SHARE = 0.8;

/** What Codex's own settings say goes before what the catalog says of the model. */
export function contextOf(settings: CodexSettings, listed: Fields = {}): ContextLimits {
  const contextWindow = settings.contextWindow ?? count(listed['context_window']) ?? USUAL_WINDOW;
  // The catalog's limit is one for the catalog's window.
  const ofCatalog = settings.contextWindow === undefined ? count(listed['auto_compact_token_limit']) : undefined;
  const compactAt = settings.autoCompactTokenLimit ?? ofCatalog ?? Math.floor(contextWindow * USUAL_SHARE);
  return { contextWindow, compactAt };
}

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;

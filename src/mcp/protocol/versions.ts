/** With `initialize`, newest first. Source: runtime contract §13.3. */
export const LEGACY_VERSIONS: readonly string[] = ['2025-11-25', '2025-06-18'];
/** Every request says for itself what it is. */
export const MODERN_VERSION = '2026-07-28';
export const SUPPORTED_VERSIONS: readonly string[] = [MODERN_VERSION, ...LEGACY_VERSIONS];

export type Era = 'legacy' | 'modern';

/** What is answered; everything else is an unknown method. */
export const METHODS: Readonly<Record<Era, readonly string[]>> = {
  legacy: ['initialize', 'ping', 'tools/list', 'tools/call'],
  modern: ['server/discover', 'tools/list', 'tools/call'],
};

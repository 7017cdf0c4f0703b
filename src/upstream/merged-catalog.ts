import type { CatalogEntry } from '../core/index.js';
import { servable } from './catalog-entry.js';

/** One account's catalog. */
export interface AccountCatalog {
  readonly plan: string | null;
  readonly entries: readonly CatalogEntry[];
}

/** Richest plan first: it knows most about a model that several accounts offer. */
const PLANS = ['pro', 'enterprise', 'business', 'team', 'edu', 'plus', 'go', 'free'];

const rank = (plan: string | null): number => {
  const place = PLANS.indexOf(plan?.toLowerCase() ?? '');
  return place === -1 ? PLANS.length : place;
};

/**
 * The models of several accounts as one list, sorted by slug. Of several entries for a slug the one from the richest
 * plan wins, among equals that of the oldest account; entries that no Codex CLI can read are passed over.
 *
 * @param accounts oldest first; not modified
 */
export function mergedCatalog(accounts: readonly AccountCatalog[]): readonly CatalogEntry[] {
  const bySlug = new Map<string, CatalogEntry>();
  for (const { entries } of [...accounts].sort((a, b) => rank(a.plan) - rank(b.plan))) {
    for (const entry of entries) {
      const key = entry.slug.toLowerCase();
      const whole = bySlug.has(key) ? undefined : servable(entry);
      if (whole) bySlug.set(key, whole);
    }
  }
  return [...bySlug.values()].sort((a, b) => (a.slug < b.slug ? -1 : a.slug > b.slug ? 1 : 0));
}

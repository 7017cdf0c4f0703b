import type { CatalogEntry } from '../core/index.js';
import { isBare, servable } from './catalog-entry.js';

/** One account's catalog. */
export interface AccountCatalog {
  readonly plan: string | null;
  /** Since when we have the account: Unix time in seconds. */
  readonly since: number;
  readonly entries: readonly CatalogEntry[];
}

/** A model of several accounts. */
export interface OfferedModel extends CatalogEntry {
  /** Since when we have an account that offers it: Unix time in seconds. */
  readonly since: number;
}

/** Richest plan first: it knows most about a model that several accounts offer. */
const PLANS = ['pro', 'enterprise', 'business', 'team', 'edu', 'plus', 'go', 'free'];

const rank = (plan: string | null): number => {
  const place = PLANS.indexOf(plan?.toLowerCase() ?? '');
  return place === -1 ? PLANS.length : place;
};

/**
 * The models of several accounts as one list, sorted by slug. Of several entries for a slug the one from the richest
 * plan wins, among equals that of the oldest account, and any before one that is but a name; entries that no Codex CLI
 * can read are passed over.
 *
 * @param accounts oldest first; not modified
 */
export function mergedCatalog(accounts: readonly AccountCatalog[]): readonly OfferedModel[] {
  const bySlug = new Map<string, OfferedModel>();
  for (const { entries, since } of [...accounts].sort((a, b) => rank(a.plan) - rank(b.plan))) {
    for (const entry of entries) {
      const key = entry.slug.toLowerCase();
      const known = bySlug.get(key);
      const isBetter = known === undefined || (isBare(known) && !isBare(entry));
      const whole = (isBetter ? servable(entry) : undefined) ?? known;
      if (whole) bySlug.set(key, { ...whole, since: Math.min(since, known?.since ?? since) });
    }
  }
  return [...bySlug.values()].sort((a, b) => (a.slug < b.slug ? -1 : a.slug > b.slug ? 1 : 0));
}

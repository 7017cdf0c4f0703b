import { ACCOUNT_METER } from '../../core/index.js';
import type { AccountMeter } from './account-meter.js';

export const meterOf = (limitId: string, meters: readonly AccountMeter[]): AccountMeter | undefined =>
  meters.find((meter) => meter.limitId === limitId);

/** Names come from clients too: longer ones, and more of them, are not kept. */
const LONGEST_KEPT = 128;
const MOST_KEPT = 1_000;
const kept = new Map<string, string>();

/** `gpt_5_3_codex_spark`, `GPT-5.3-Codex-Spark` and `gpt-5.3-codex-spark` are one model. */
function spelled(name: string): string {
  const known = kept.get(name);
  if (known !== undefined) return known;
  const spelling = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  if (name.length > LONGEST_KEPT) return spelling;
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(name, spelling);
  return spelling;
}

/**
 * Whether a meter counts calls of a model. The account's own one counts them all; any other one counts the model that
 * its id or name spells, and nothing else.
 */
export function meterCounts(limitId: string, meters: readonly AccountMeter[], model: string): boolean {
  if (limitId === ACCOUNT_METER) return true;
  const slug = spelled(model);
  if (slug === '') return false;
  if (spelled(limitId) === slug) return true;
  const name = meterOf(limitId, meters)?.name;
  return name !== undefined && spelled(name) === slug;
}

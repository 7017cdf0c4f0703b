import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Band = Readonly<Record<'input' | 'cachedInput' | 'cacheWrite' | 'output', string | null>>;
interface Listed {
  readonly aliases?: readonly string[];
  readonly longContextAbove?: number;
  readonly tiers: Readonly<Record<string, { readonly default: Band; readonly longContext?: Band | null }>>;
}
interface List {
  readonly longContextAbove: number;
  readonly models: Readonly<Record<string, Listed>>;
}

/** What a ledger row says that was used, where and how. */
export interface Counted {
  readonly model: string;
  readonly tier: string | null;
  readonly uncached: bigint;
  readonly cached: bigint;
  readonly written: bigint;
  readonly output: bigint;
}

const FILE = join(__dirname, '../../../src/accounting/prices/openai.json');
const LIST = JSON.parse(readFileSync(FILE, 'utf8')) as List;
/** One entry for each name that a model has. */
const MODELS = new Map(
  Object.entries(LIST.models).flatMap(([name, listed]) =>
    [name, ...(listed.aliases ?? [])].map((each) => [each, listed] as const),
  ),
);
const SAME_TIER: Readonly<Record<string, string>> = { auto: 'default', fast: 'priority' };
const MICRO_USD_DECIMALS = 6;

/** USD per 1M tokens, as text, in pico-USD per token. */
function picoOf(usd: string): bigint {
  const [whole = '', decimals = ''] = usd.split('.');
  return BigInt(whole + decimals.padEnd(MICRO_USD_DECIMALS, '0'));
}

type Tokens = Pick<Counted, 'uncached' | 'cached' | 'written' | 'output'>;

/**
 * By the published list, counted on its own in whole pico-USD. In nano-USD, half a one upwards.
 *
 * @returns undefined where something was used that has no price
 */
export function referenceCost({ model, tier, ...tokens }: Counted): bigint | undefined {
  const listed = MODELS.get(model) ?? MODELS.get(model.replace(/-\d{4}-\d{2}-\d{2}$/, ''));
  const asked = tier ?? 'default';
  const bands = listed?.tiers[SAME_TIER[asked] ?? asked];
  if (listed === undefined || bands === undefined) return undefined;
  const input = tokens.uncached + tokens.cached + tokens.written;
  const isLong = input > BigInt(listed.longContextAbove ?? LIST.longContextAbove);
  const pico = picoUsd(tokens, (isLong ? bands.longContext : undefined) ?? bands.default);
  return pico === undefined ? undefined : (pico + 500n) / 1000n;
}

function picoUsd({ uncached, cached, written, output }: Tokens, rates: Band): bigint | undefined {
  let pico = 0n;
  for (const [tokens, usd] of [
    [uncached, rates.input],
    [cached, rates.cachedInput],
    [written, rates.cacheWrite],
    [output, rates.output],
  ] as const) {
    if (tokens === 0n) continue;
    if (usd === null) return undefined;
    pico += tokens * picoOf(usd);
  }
  return pico;
}

import { LimitRebuildService } from '../../src/accounting/limits/limit-rebuild.service.js';
import { RollupService } from '../../src/accounting/rollups/rollup.service.js';
import { KeyAdminService, UsageLimitService } from '../../src/auth/index.js';
import { usdOf } from '../../src/core/index.js';
import { jsonOf } from '../support/calls.js';
import { entriesOf, linesOfLedger, linesOfUpstream, versionsOf, wrongCosts } from '../support/campaign/books.js';
import { Campaign } from '../support/campaign/campaign.js';
import { CountedUpstream } from '../support/campaign/counted-upstream.js';
import { figuresOf } from '../support/campaign/figures.js';
import { CONVERSATIONS } from '../support/campaign/lanes.js';
import { plannedCalls, sameAnswers, type KeyPlan } from '../support/campaign/planned-call.js';
import { reportOfLedger, rollupDifferences, type ReportRow } from '../support/campaign/rollup-books.js';
import { useCommandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { bearer } from '../support/file-client.js';
import { useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import { useRedis } from '../support/redis.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const FULL = process.env['DRILLS'] === 'full';
/** With Redis a reservation is committed before its call is sent: that costs more. */
const STORES = [
  ['in one process', FULL ? 100_000 : 18_000, false],
  ['with Redis', FULL ? 20_000 : 2_000, true],
] as const;
/** Of so many calls one is an answer that is asked for in every way. */
const CALLS_PER_SAME = 200;
const SEED = 20_261_122;

jest.setTimeout(FULL ? 1_800_000 : 900_000);

const PRICED = ['gpt-6.1-sol', 'gpt-5.6-sol', 'gpt-5.6-luna', 'gpt-5.5', 'gpt-5.4', 'gpt-5.4-mini'] as const;
const KEYS: readonly KeyPlan[] = [
  { label: 'steady', rough: false, models: PRICED, share: 30 },
  { label: 'second', rough: false, models: [...PRICED, 'codex-auto-review'], share: 20 },
  { label: 'alias', rough: false, models: ['quick-one', 'gpt-5.5'], share: 10 },
  { label: 'hurried', rough: false, models: PRICED, share: 15 },
  { label: 'narrow', rough: false, models: ['gpt-5.5', 'gpt-5.4'], share: 5 },
  { label: 'frugal', rough: false, models: ['gpt-5.5'], share: 5 },
  { label: 'rough', rough: true, models: PRICED, share: 15 },
];
const SAME_KEY: KeyPlan = { label: 'same', rough: false, models: PRICED, share: 0 };

const POLICIES: Readonly<Record<string, Parameters<KeyAdminService['createKey']>[2]>> = {
  alias: { modelAliases: [['quick-*', 'gpt-5.6-luna']] },
  hurried: { serviceTier: 'priority' },
  narrow: { allowedModels: ['gpt-5.5', 'gpt-image-*', 'gpt-4o-transcribe'] },
};
const keyTier = (label: string): string | undefined => POLICIES[label]?.serviceTier ?? undefined;

const EVERYTHING = 1_000_000_000_000;
/** What a few calls use. */
const LITTLE = 300_000;

describe.each(STORES)('after calls of every protocol that ended in every way, %s', (_, count, hasRedis) => {
  const upstream = new ScriptedUpstream({ keepBodies: false });
  const counted = new CountedUpstream(upstream);
  const env = { QUEUE_WAIT_MS: '200', ACCOUNT_CONCURRENCY: '200' };
  const gateway = useGateway({ upstream, env, ...(hasRedis ? { redis: useRedis() } : {}) });
  const folder = temporaryFolder();
  const commands = useCommandLine(() => ({
    DATABASE_URL: gateway.databaseUrl(),
    DATA_DIR: folder.path(),
    UPSTREAM_BASE_URL: upstream.url,
  }));
  const same = count / CALLS_PER_SAME;
  const planned = plannedCalls(count - same * CONVERSATIONS.length, SEED, KEYS);
  const calls = [...planned, ...sameAnswers(same, SEED, SAME_KEY, planned.length)];
  const tokens = new Map<string, string>();
  const campaign = new Campaign(gateway, counted, tokens);

  beforeAll(async () => {
    await makeKeys();
    const [cpu, startedAtMs] = [process.cpuUsage(), Date.now()];
    await campaign.run(calls);
    await eventually(expectSettled, { withinMs: 60_000 });
    if (!FULL) return;
    const used = process.cpuUsage(cpu);
    const times = { tookMs: Date.now() - startedAtMs, cpuMs: Math.round((used.user + used.system) / 1_000) };
    process.stdout.write(`${JSON.stringify({ ...figuresOf(calls, campaign.answers), ...times })}\n`);
  });

  async function expectSettled(): Promise<void> {
    const [row] = await gateway.database().query<object[]>(`
      SELECT (SELECT count(*)::int FROM request WHERE status = 'in_flight') AS open,
             (SELECT count(*)::int FROM settlement_outbox) AS waiting`);
    expect(row).toEqual({ open: 0, waiting: 0 });
  }

  async function makeKeys(): Promise<void> {
    const aPool = async (accounts: number) => {
      const made = await newPool(gateway, upstream, Array<object>(accounts).fill({}), { allowUnlistedModels: true });
      return made.pool.id;
    };
    const [calm, other, rough] = [await aPool(4), await aPool(3), await aPool(20)];
    const pools: Readonly<Record<string, typeof calm>> = { hurried: other, second: other, rough };
    const limits = gateway.get(UsageLimitService);
    for (const { label } of [...KEYS, SAME_KEY]) {
      const poolId = pools[label] ?? calm;
      const { key, token } = await gateway.get(KeyAdminService).createKey(poolId, label, POLICIES[label]);
      tokens.set(label, token);
      const tokensPerDay = label === 'frugal' ? LITTLE : EVERYTHING;
      await limits.setLimit({ keyId: key.id }, { tokensPerDay, usdPerMonth: '900000' });
    }
    await limits.setLimit({ poolId: calm }, { tokensPerWeek: EVERYTHING });
    await limits.setLimit({ poolId: calm }, { usdPerDay: '900000' }, 'gpt-5.*');
  }

  const entries = () => entriesOf(gateway.database());

  it('there is one ledger row for each of them', async () => {
    expect(await entries()).toHaveLength(count);
    expect(upstream.scriptErrors).toEqual([]);
  });

  it('a row says what the upstream told: whom, of which model and tier, and how many tokens of which kind', async () => {
    const ledger = linesOfLedger((await entries()).filter(({ account }) => account !== null));
    const told = linesOfUpstream(counted.sent.values(), keyTier);
    const [inLedger, inTold] = [new Set(ledger), new Set(told)];
    expect({
      onlyInLedger: ledger.filter((line) => !inTold.has(line)),
      onlyInTold: told.filter((line) => !inLedger.has(line)),
    }).toEqual({ onlyInLedger: [], onlyInTold: [] });
    expect(ledger.length).toBe(told.length);
    expect(ledger).toEqual(told);
  });

  it('the row of a call that was not sent says that it was turned away', async () => {
    const unsent = (await entries()).filter(({ account }) => account === null);
    const turnedAway = unsent.filter(({ key }) => key === 'narrow' || key === 'frugal');
    expect(new Set(turnedAway.map(({ key }) => key))).toEqual(new Set(['narrow', 'frugal']));
    expect(turnedAway.filter(({ outcome }) => outcome !== 'rejected')).toEqual([]);
    expect(unsent.filter(({ known, cost_status: cost }) => known || cost !== 'none')).toEqual([]);
  });

  it('costs what the published prices say', async () => {
    expect(wrongCosts(await entries())).toEqual([]);
  });

  it('the same answer is the same tokens and the same cost, in whatever protocol, streamed or whole', async () => {
    const versions = await versionsOf(gateway.database(), SAME_KEY.label);
    expect(versions).toHaveLength(same);
    expect(versions.filter(({ asked, versions: n }) => asked !== CONVERSATIONS.length || n !== 1)).toEqual([]);
  });

  it('the counters of limits hold no more and no less', async () => {
    const limits = await gateway.get(UsageLimitService).usageLimits();
    const rebuilt = await gateway.get(LimitRebuildService).rebuild(limits);
    // A Redis that is slow for a moment is taken for lost: its counters are read anew when they are asked for.
    const live: unknown = hasRedis ? expect.any(Number) : limits.length;
    expect(rebuilt).toEqual({ live, repaired: 0, tokens: 0, nanoUsd: 0, drifted: [] });
  });

  describe.each(['before the last rollup', 'after the last rollup'])('%s', (when) => {
    beforeAll(async () => {
      if (when === 'after the last rollup') await gateway.get(RollupService).rollUp();
    });

    it('the sums of hours and days are those of the ledger', async () => {
      expect(await rollupDifferences(gateway.database())).toEqual([]);
    });

    it('the command says what the ledger says', async () => {
      const { stdout } = await commands.run(['usage', '--by', 'key,model,account', '--format', 'json']);
      const place = (row: ReportRow) => `${row['key_id'] ?? ''} ${row['model'] ?? ''} ${row['account_id'] ?? ''}`;
      const said = new Map((JSON.parse(stdout) as ReportRow[]).map((row) => [place(row), row]));
      const ledger = await reportOfLedger(gateway.database());
      expect(said.size).toBe(ledger.length);
      for (const row of ledger) expect(said.get(place(row))).toMatchObject(row);
    });

    it('each key is told the same of itself', async () => {
      const rows = await entries();
      for (const [label, token] of tokens) {
        const own = rows.filter(({ key }) => key === label);
        const sum = (...names: readonly ('uncached' | 'cached' | 'written' | 'output' | 'reasoning' | 'cost')[]) =>
          own.reduce((all, row) => names.reduce((some, name) => some + BigInt(row[name] ?? 0), all), 0n);
        const { body } = await jsonOf(await fetch(`${gateway.url}/v1/usage`, { headers: bearer(token) }));
        expect(body).toMatchObject({
          request_count: own.length,
          total_tokens: Number(sum('uncached', 'cached', 'written', 'output', 'reasoning')),
          cached_input_tokens: Number(sum('cached')),
          total_cost_usd: Number(usdOf(sum('cost'))),
        });
      }
    });
  });
});

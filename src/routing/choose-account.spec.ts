import { DEFAULT_ROUTING, type AccountId, type PoolId, type PoolPolicy } from '../core/index.js';
import { anAccount as account } from '../../test/support/account-snapshots.js';
import type { AccountSnapshot } from '../upstream/index.js';
import { chooseAccount } from './choose-account.js';
import { refusalOf } from './refusal.js';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const pool: PoolPolicy = {
  id: 'p' as PoolId,
  slug: 'team',
  v1Enabled: true,
  imageGenerationEnabled: true,
  allowUnlistedModels: false,
  reportCapacity: false,
  anthropicModels: [],
  droppedParams: new Set(),
  routing: DEFAULT_ROUTING,
};
const call = { model: 'gpt-5.5', operation: 'responses' } as const;

const window = (usedPercent: number, resetsAtMs = NOW + HOUR) => ({
  observedAtMs: NOW,
  limitId: 'codex',
  windowMinutes: 300,
  usedPercent,
  resetsAtMs,
});

const choose = (accounts: AccountSnapshot[], pinned?: string) =>
  chooseAccount(
    accounts,
    call,
    pool,
    pinned === undefined ? undefined : { id: pinned as AccountId, required: false },
    NOW,
  );
const ids = (accounts: readonly AccountSnapshot[]) => accounts.map(({ id }) => id);

describe('chooseAccount', () => {
  it('puts the lowest pressure first, then the fewest open exchanges, then the id', () => {
    const chosen = choose([
      account('d', { windows: [window(80)] }),
      account('c', { windows: [window(10)], openExchanges: 2 }),
      account('b', { windows: [window(10)], openExchanges: 1 }),
      account('a', { windows: [window(10)], openExchanges: 1 }),
    ]);
    expect(ids(chosen.candidates)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('measures an account by its fullest window', () => {
    const chosen = choose([
      account('a', { windows: [window(5), window(90)] }),
      account('b', { windows: [window(50)] }),
    ]);
    expect(ids(chosen.candidates)).toEqual(['b', 'a']);
  });

  it('measures no account by the meter of a single model', () => {
    const spark = { ...window(100), limitId: 'codex_spark' };
    const chosen = choose([account('a', { windows: [window(5), spark] }), account('b', { windows: [window(50)] })]);
    expect(ids(chosen.candidates)).toEqual(['a', 'b']);
  });

  it('returns a session to the account that served it, as long as that one may serve', () => {
    const busy = account('z', { windows: [window(95)] });
    expect(ids(choose([account('a'), busy], 'z').candidates)).toEqual(['z', 'a']);
    const spent = account('z', { windows: [window(100)] });
    expect(ids(choose([account('a'), spent], 'z').candidates)).toEqual(['a']);
  });

  it('counts a window that has reset as empty', () => {
    expect(ids(choose([account('a', { windows: [window(100, NOW)] })]).candidates)).toEqual(['a']);
  });

  it.each([
    ['paused', account('a', { status: 'paused' }), 'paused'],
    ['without the model', account('a', { models: new Set(['other']) }), 'model_not_served'],
    ['cooling down', account('a', { coolingUntilMs: NOW + 1, coolingReason: 'upstream_rate_limited' }), 'cooling_down'],
    ['spent', account('a', { windows: [window(100)] }), 'quota_exhausted'],
    [
      'found spent by a call',
      account('a', { coolingUntilMs: NOW + 1, coolingReason: 'upstream_quota_exhausted' }),
      'quota_exhausted',
    ],
  ])('excludes an account that is %s and says so', (_, out, reason) => {
    const chosen = choose([out, account('b')]);
    expect(ids(chosen.candidates)).toEqual(['b']);
    expect(chosen.exclusions).toMatchObject([{ accountId: 'a', label: 'a', reason }]);
  });

  it('lets an account whose catalog is unknown serve any model, and any account where the Pool allows unlisted ones', () => {
    expect(ids(choose([account('a', { models: undefined })]).candidates)).toEqual(['a']);
    const open = { ...pool, allowUnlistedModels: true };
    const chosen = chooseAccount([account('a', { models: new Set() })], call, open, undefined, NOW);
    expect(ids(chosen.candidates)).toEqual(['a']);
  });

  it('finds a model whatever its case', () => {
    const chosen = chooseAccount([account('a')], { ...call, model: ' GPT-5.5 ' }, pool, undefined, NOW);
    expect(ids(chosen.candidates)).toEqual(['a']);
  });

  it('tries the account whose short cooldown ends first when nothing else is left', () => {
    const cooling = (id: string, untilMs: number) =>
      account(id, { coolingUntilMs: untilMs, coolingReason: 'upstream_rate_limited' });
    expect(ids(choose([cooling('a', NOW + 9_000), cooling('b', NOW + 2_000)]).candidates)).toEqual(['b']);
  });

  it('never tries a spent account as a last resort', () => {
    expect(choose([account('a', { windows: [window(100)] })]).candidates).toEqual([]);
  });

  it.each(['images_edits', 'transcribe', 'realtime_calls'] as const)(
    'serves %s beside whatever models an account lists, if it lists any',
    (operation) => {
      const accounts = [account('a', { models: new Set() }), account('b')];
      const chosen = chooseAccount(accounts, { operation, model: 'gpt-image-2' }, pool, undefined, NOW);
      expect(ids(chosen.candidates)).toEqual(['b']);
    },
  );

  describe('with a required account', () => {
    const required = (accounts: AccountSnapshot[], id: string) =>
      chooseAccount(accounts, call, pool, { id: id as AccountId, required: true }, NOW);

    it('asks no other, and says whether one could serve', () => {
      expect(required([account('a'), account('b')], 'b')).toMatchObject({
        candidates: [{ id: 'b' }],
        required: 'b',
        elsewhere: true,
      });
      expect(required([account('b')], 'b').elsewhere).toBe(false);
    });

    it('tries it although it cools down', () => {
      const cooling = account('b', { coolingUntilMs: NOW + 1_000, coolingReason: 'upstream_rate_limited' });
      expect(ids(required([account('a'), cooling], 'b').candidates)).toEqual(['b']);
    });

    it('has nobody when it is paused or gone, and says that it is bound', () => {
      const chosen = required([account('a'), account('b', { status: 'paused' })], 'b');
      expect(chosen.candidates).toEqual([]);
      expect(refusalOf(chosen, NOW)).toMatchObject({ code: 'pinned_continuation_unavailable', status: 503 });
      expect(refusalOf(required([account('a')], 'gone'), NOW).code).toBe('pinned_continuation_unavailable');
    });

    it('tells its spent quota as a usage limit with its own reset', () => {
      const chosen = required([account('a'), account('b', { windows: [window(100, NOW + 2 * HOUR)] })], 'b');
      expect(refusalOf(chosen, NOW)).toMatchObject({
        code: 'usage_limit_reached',
        detail: { resetsAtMs: NOW + 2 * HOUR },
      });
    });
  });

  it('gives the same order whatever order the accounts come in', () => {
    const some = [account('c'), account('a', { windows: [window(1)] }), account('b')];
    expect(ids(choose(some).candidates)).toEqual(ids(choose([...some].reverse()).candidates));
  });
});

describe('refusalOf', () => {
  it('is a usage limit with the earliest reset when all that serve the model are spent', () => {
    const { exclusions } = choose([
      account('a', { windows: [window(100, NOW + 2 * HOUR)] }),
      account('b', { windows: [window(100, NOW + HOUR)] }),
      account('c', { models: new Set() }),
    ]);
    expect(refusalOf({ exclusions }, NOW)).toMatchObject({
      code: 'usage_limit_reached',
      detail: { resetsAtMs: NOW + HOUR },
    });
  });

  it('blames the request when no account lists the model', () => {
    const { exclusions } = choose([account('a', { models: new Set() })]);
    expect(refusalOf({ exclusions }, NOW)).toMatchObject({
      code: 'invalid_model',
      detail: { param: 'model', unlisted: true },
    });
  });

  it('is no usage limit when an account is out for another reason', () => {
    const { exclusions } = choose([account('a', { windows: [window(100)] }), account('b', { status: 'paused' })]);
    expect(refusalOf({ exclusions }, NOW)).toMatchObject({ code: 'no_eligible_backend' });
  });

  it('has nobody to ask in an empty Pool', () => {
    expect(refusalOf({ exclusions: [] }, NOW)).toMatchObject({ code: 'no_eligible_backend' });
  });
});

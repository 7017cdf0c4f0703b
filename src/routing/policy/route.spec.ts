import { anAccount } from '../../../test/support/account-snapshots.js';
import { aPoolPolicy } from '../../../test/support/pool-policy.js';
import { aWindow, aWish, decided, HOUR, idsOf, NOW, reasonsOf } from '../../../test/support/routing.js';
import type { AccountId } from '../../core/index.js';
import type { AccountSnapshot } from '../../upstream/index.js';
import type { Pin } from '../decision.js';
import { route } from './route.js';
import type { RoutingCall } from './routing-call.js';

const pinTo = (id: string, over: Partial<Pin> = {}): Pin => ({
  id: id as AccountId,
  required: false,
  reason: 'session',
  ...over,
});
const lane = (over: Partial<AccountSnapshot['lanes'][number]> = {}): AccountSnapshot['lanes'][number] => ({
  model: 'gpt-5.5',
  routeClass: 'stream',
  state: 'open',
  untilMs: NOW + 60_000,
  reason: 'upstream_timeout',
  probing: false,
  ...over,
});
const order = (...given: Parameters<typeof decided>) => idsOf(decided(...given).candidates);
const tried = (...ids: string[]) => new Set(ids) as ReadonlySet<string> as ReadonlySet<AccountId>;

describe('an account may not serve', () => {
  const full = { openExchanges: 64, maxConcurrent: 64 };
  it.each<[string, Partial<AccountSnapshot>, object]>([
    [
      'that waits for a login',
      { status: 'login_required' },
      { reason: 'login_required', evidence: { source: 'account_status' } },
    ],
    ['that is paused', { status: 'paused' }, { reason: 'paused', evidence: { source: 'account_status' } }],
    ['that is draining', { status: 'draining' }, { reason: 'draining', evidence: { source: 'account_status' } }],
    [
      'whose kind knows no such operation',
      { operations: new Set(['relay']) },
      { reason: 'operation_not_served', evidence: { source: 'upstream_kind' } },
    ],
    [
      'without the model',
      { models: new Set(['other']) },
      { reason: 'model_not_served', evidence: { source: 'catalog' } },
    ],
    [
      'that is cooling down',
      { coolingUntilMs: NOW + 1, coolingReason: 'upstream_rate_limited' },
      { reason: 'cooling_down', clearsAtMs: NOW + 1, backAtMs: NOW + 1, evidence: { source: 'upstream_rate_limited' } },
    ],
    [
      'whose circuit is open',
      { lanes: [lane()] },
      {
        reason: 'circuit_open',
        clearsAtMs: NOW + 60_000,
        backAtMs: NOW + 60_000,
        evidence: { source: 'upstream_timeout' },
      },
    ],
    [
      'whose circuit is being tried',
      { lanes: [lane({ state: 'half_open', untilMs: NOW - 1, probing: true })] },
      { reason: 'circuit_open', backAtMs: NOW, evidence: { source: 'upstream_timeout' } },
    ],
    [
      'that is spent',
      { windows: [aWindow(100)] },
      {
        reason: 'quota_exhausted',
        clearsAtMs: NOW + HOUR,
        backAtMs: NOW + HOUR,
        evidence: { source: 'usage', observedAtMs: NOW, limitId: 'codex', windowMinutes: 300, usedPercent: 100 },
      },
    ],
    [
      'that a call found spent',
      { coolingUntilMs: NOW + 1, coolingReason: 'upstream_quota_exhausted' },
      {
        reason: 'quota_exhausted',
        clearsAtMs: NOW + 1,
        backAtMs: NOW + 1,
        evidence: { source: 'upstream_quota_exhausted' },
      },
    ],
    ['that serves all it may', full, { reason: 'saturated', backAtMs: NOW, evidence: { source: 'open_exchanges' } }],
  ])('%s', (_, over, expected) => {
    const { candidates, exclusions } = decided([anAccount('a', over), anAccount('b')]);
    expect(idsOf(candidates)).toEqual(['b']);
    expect(exclusions).toEqual([{ accountId: 'a', label: 'a', also: [], ...expected }]);
  });

  it('of whose quota nothing is known, where the Pool is strict, except for work that costs none', () => {
    const strict = { evidence: 'strict' } as const;
    expect(reasonsOf(decided([anAccount('a')], {}, strict))).toEqual({ a: 'quota_unknown' });
    const stale = anAccount('a', { windows: [aWindow(10, { observedAtMs: NOW - HOUR })] });
    expect(decided([stale], {}, strict).exclusions).toMatchObject([{ evidence: { observedAtMs: NOW - HOUR } }]);
    expect(order([anAccount('a')], { operation: 'files_create', routeClass: 'files', model: '' }, strict)).toEqual([
      'a',
    ]);
  });

  it('that was asked for this call before', () => {
    const decision = decided([anAccount('a'), anAccount('b')], { tried: tried('a') });
    expect(idsOf(decision.candidates)).toEqual(['b']);
    expect(decision.exclusions).toMatchObject([{ accountId: 'a', reason: 'already_asked' }]);
    expect(decision.exclusions[0]).not.toHaveProperty('backAtMs');
  });

  it('for the first reason there is, and it says what else speaks against it and when the last of that ends', () => {
    const busy = anAccount('a', {
      coolingUntilMs: NOW + 5_000,
      coolingReason: 'upstream_rate_limited',
      windows: [aWindow(100)],
      openExchanges: 64,
    });
    expect(decided([busy]).exclusions).toMatchObject([
      {
        reason: 'cooling_down',
        also: ['quota_exhausted', 'saturated'],
        clearsAtMs: NOW + 5_000,
        backAtMs: NOW + HOUR,
        evidence: { source: 'upstream_rate_limited' },
      },
    ]);
  });

  it('before the later of its resets, and before what a call was told', () => {
    const windows = [aWindow(100), aWindow(100, { windowMinutes: 10_080, resetsAtMs: NOW + 9 * HOUR })];
    const told = { coolingUntilMs: NOW + 10 * HOUR, coolingReason: 'upstream_quota_exhausted' };
    expect(decided([anAccount('a', { windows })]).exclusions).toMatchObject([{ clearsAtMs: NOW + 9 * HOUR }]);
    expect(decided([anAccount('a', { windows, ...told })]).exclusions).toMatchObject([{ clearsAtMs: NOW + 10 * HOUR }]);
  });
});

describe('an account may serve', () => {
  it.each<[string, Partial<AccountSnapshot>, Partial<RoutingCall>]>([
    ['any model while its catalog is unknown', { models: undefined }, { model: 'gpt-9' }],
    ['a model however it is written', {}, { model: ' GPT-5.5 ' }],
    ['once its window has reset', { windows: [aWindow(100, { resetsAtMs: NOW })] }, {}],
    ['beside the spent meter of another model', { windows: [aWindow(100, { limitId: 'codex_spark' })] }, {}],
    ['once its cooldown is over', { coolingUntilMs: NOW, coolingReason: 'upstream_rate_limited' }, {}],
    ['beside a circuit of another model', { lanes: [lane({ model: 'other' })] }, {}],
    ['beside a circuit of another kind of work', { lanes: [lane({ routeClass: 'compact' })] }, {}],
    ['through a circuit whose time is over', { lanes: [lane({ untilMs: NOW })] }, {}],
    ['what its kind can do', { operations: new Set(['responses']) }, {}],
  ])('%s', (_, over, call) => {
    expect(order([anAccount('a', over)], call)).toEqual(['a']);
  });

  it('what no catalog lists, where the Pool allows it', () => {
    const pool = aPoolPolicy({ allowUnlistedModels: true });
    const { candidates } = route({ accounts: [anAccount('a', { models: new Set() })], pool }, aWish(), NOW);
    expect(idsOf(candidates)).toEqual(['a']);
  });

  it.each(['images_edits', 'transcribe', 'realtime_calls'] as const)(
    '%s beside whatever models it lists, if it lists any',
    (operation) => {
      const accounts = [anAccount('a', { models: new Set() }), anAccount('b')];
      expect(order(accounts, { operation, model: 'gpt-image-2' })).toEqual(['b']);
    },
  );

  it('unlisted work of a class until the circuit of such work opens, and nothing once that of the whole account does', () => {
    const unlisted = { operation: 'images_edits', routeClass: 'images', model: 'gpt-image-2' } as const;
    const images = anAccount('a', { lanes: [lane({ model: '', routeClass: 'images' })] });
    expect(order([images])).toEqual(['a']);
    expect(order([images], unlisted)).toEqual([]);
    const whole = anAccount('a', { lanes: [lane({ model: '*' })] });
    expect([order([whole]), order([whole], unlisted)]).toEqual([[], []]);
  });
});

describe('the order of candidates', () => {
  it('has those whose quota is known to allow the call before those of which nothing is known', () => {
    const accounts = [anAccount('a'), anAccount('b', { windows: [aWindow(90)] })];
    expect(decided(accounts).candidates).toMatchObject([
      { account: { id: 'b' }, quota: 'allow' },
      { account: { id: 'a' }, quota: 'unknown' },
    ]);
  });

  it('returns a session to the account that served it, as long as that one may serve', () => {
    const pin = pinTo('z');
    expect(order([anAccount('a'), anAccount('z', { windows: [aWindow(95)] })], { pin })).toEqual(['z', 'a']);
    expect(order([anAccount('a', { windows: [aWindow(1)] }), anAccount('z')], { pin })).toEqual(['z', 'a']);
    expect(order([anAccount('a'), anAccount('z', { windows: [aWindow(100)] })], { pin })).toEqual(['a']);
  });

  it('lets a draining account serve the sessions that it has, and no other', () => {
    const accounts = [anAccount('a'), anAccount('z', { status: 'draining' })];
    expect(order(accounts, { pin: pinTo('z') })).toEqual(['z', 'a']);
    expect(order(accounts, { pin: pinTo('z', { required: true, reason: 'socket' }) })).toEqual(['z']);
    expect(order(accounts, { pin: pinTo('a') })).toEqual(['a']);
  });

  it('has an account that is being tried again behind its equals', () => {
    const accounts = [anAccount('a', { lanes: [lane({ state: 'half_open', untilMs: NOW })] }), anAccount('b')];
    expect(decided(accounts).candidates).toMatchObject([{ account: { id: 'b' } }, { scores: { halfOpen: 1 } }]);
  });

  it('ends with the ring, and names those beyond it', () => {
    const accounts = ['a', 'b', 'c', 'd'].map((id, index) => anAccount(id, { windows: [aWindow(index)] }));
    const decision = decided(accounts, {}, { ringSize: 2 });
    expect([idsOf(decision.candidates), idsOf(decision.reserve)]).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(decision).toMatchObject({ exclusions: [], ringLeft: 2 });
  });

  it('counts in the ring whom the call was sent to before', () => {
    const accounts = ['a', 'b', 'c', 'd'].map((id) => anAccount(id));
    const second = decided(accounts, { tried: tried('a') }, { ringSize: 2 });
    expect([idsOf(second.candidates), idsOf(second.reserve)]).toEqual([['b'], ['c', 'd']]);
    expect(decided(accounts, { tried: tried('a', 'b') }, { ringSize: 2 })).toMatchObject({
      candidates: [],
      ringLeft: 0,
    });
  });
});

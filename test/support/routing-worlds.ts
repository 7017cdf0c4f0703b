import * as fc from 'fast-check';
import {
  DEFAULT_ROUTING,
  EVIDENCE_POLICIES,
  ROUTING_STRATEGIES,
  type AccountId,
  type RoutingPolicy,
} from '../../src/core/index.js';
import type { RoutingCall, RoutingSnapshot } from '../../src/routing/policy/routing-call.js';
import type { AccountSnapshot } from '../../src/upstream/index.js';
import { anAccount } from './account-snapshots.js';
import { aPoolPolicy } from './pool-policy.js';
import { aWindow, aWish, NOW } from './routing.js';

/** A Pool in some state, and a call that comes to it. */
export interface World {
  readonly snapshot: RoutingSnapshot;
  readonly call: RoutingCall;
}

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as AccountId[];
const MODELS = ['gpt-5.5', 'gpt-5.4'];

/** Around now, and not rarely now itself. */
const around = fc.oneof(fc.constant(NOW), fc.integer({ min: NOW - 3_600_000, max: NOW + 3_600_000 }));
/** Mostly what lets an account serve: a world in which nobody may would show little. */
const mostly = <Value, Other>(usual: Value, other: fc.Arbitrary<Other>): fc.Arbitrary<Value | Other> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });

const windowOf = fc
  .record({
    usedPercent: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 99 }) }, fc.constant(100)),
    windowMinutes: fc.constantFrom(300, 10_080, 43_200),
    resetsAtMs: around,
    observedAtMs: fc.constantFrom(NOW, NOW - 15 * 60_000, NOW - 15 * 60_000 - 1),
    limitId: fc.constantFrom('codex', 'codex', 'codex', 'codex_spark'),
  })
  .map(({ usedPercent, ...over }) => aWindow(usedPercent, over));

const laneOf = fc.record({
  model: fc.constantFrom('gpt-5.5', '', '*'),
  routeClass: fc.constantFrom('stream' as const, 'images' as const),
  state: fc.constantFrom('open' as const, 'half_open' as const),
  untilMs: around,
  reason: fc.constant('upstream_timeout'),
  probing: fc.boolean(),
});

const pulseOf = fc.record(
  {
    ttftMs: fc.integer({ min: 1, max: 20_000 }),
    failureShare: fc.double({ min: 0, max: 1, noNaN: true }),
    lastSuccessAtMs: fc.integer({ min: 1, max: NOW }),
  },
  { requiredKeys: ['failureShare'] },
);

const someAccount = (id: AccountId): fc.Arbitrary<AccountSnapshot> =>
  fc
    .record({
      status: mostly('active' as const, fc.constantFrom('paused', 'draining', 'login_required')),
      priority: fc.integer({ min: 0, max: 2 }),
      models: mostly(new Set(MODELS), fc.constantFrom(undefined, new Set<string>(), new Set(['gpt-5.4']))),
      operations: mostly({}, fc.constant({ operations: new Set(['relay' as const, 'images_edits' as const]) })),
      coolingUntilMs: mostly(0, around),
      coolingReason: fc.constantFrom('upstream_rate_limited', 'upstream_quota_exhausted'),
      lanes: mostly([], fc.array(laneOf, { maxLength: 2 })),
      windows: fc.array(windowOf, { maxLength: 3 }),
      pulse: pulseOf,
      openExchanges: fc.integer({ min: 0, max: 9 }),
      maxConcurrent: fc.integer({ min: 1, max: 10 }),
      createdAtMs: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ operations, ...over }) => anAccount(id, { ...over, ...operations }));

const somePolicy: fc.Arbitrary<RoutingPolicy> = fc
  .record({
    strategy: fc.constantFrom(...ROUTING_STRATEGIES),
    evidence: fc.constantFrom(...EVIDENCE_POLICIES),
    cacheLocality: fc.boolean(),
    ring: fc.option(fc.integer({ min: 1, max: 9 })),
  })
  .map(({ ring, ...over }) => ({ ...DEFAULT_ROUTING, ...over, ...(ring === null ? {} : { ringSize: ring }) }));

export const aSeed = fc.stringMatching(/^[0-9a-f]{8}$/);

const work = fc.constantFrom<Pick<RoutingCall, 'operation' | 'routeClass' | 'model'>>(
  { operation: 'responses', routeClass: 'stream', model: 'GPT-5.5' },
  { operation: 'images_edits', routeClass: 'images', model: 'gpt-image-2' },
  { operation: 'relay', routeClass: 'relay', model: '' },
);

const someCall: fc.Arbitrary<RoutingCall> = fc
  .record({
    work,
    seed: aSeed,
    cache: fc.option(aSeed),
    pin: fc.option(
      fc.record({
        id: fc.constantFrom(...IDS),
        required: fc.boolean(),
        reason: fc.constantFrom('file' as const, 'session' as const),
      }),
    ),
    tried: fc.option(fc.subarray(IDS, { maxLength: 3 })),
  })
  .map(({ work: asked, seed, cache, pin, tried }) =>
    aWish({
      ...asked,
      seed,
      ...(cache === null ? {} : { cacheSeed: cache }),
      ...(pin === null ? {} : { pin }),
      ...(tried === null ? {} : { tried: new Set(tried) }),
    }),
  );

/** Pools of up to eight accounts in every state, under every policy, with every kind of call. */
export const someWorld: fc.Arbitrary<World> = fc
  .record({
    accounts: fc.subarray(IDS).chain((ids) => fc.tuple(...ids.map(someAccount))),
    routing: somePolicy,
    allowUnlistedModels: fc.boolean(),
    call: someCall,
  })
  .map(({ accounts, routing, allowUnlistedModels, call }) => ({
    snapshot: { accounts, pool: aPoolPolicy({ routing, allowUnlistedModels }) },
    call,
  }));

import type { AccountId, KeyId, PoolId } from '../../src/core/index.js';
import type { Watched } from '../../src/incidents/watched.js';
import type { AccountState } from '../../src/upstream/index.js';

export const NOW_MS = Date.UTC(2026, 10, 22, 12);
export const MINUTE_MS = 60_000;
export const POOL = 'aaaaaaaa-0000-4000-8000-000000000001' as PoolId;
export const KEY = 'bbbbbbbb-0000-4000-8000-000000000001' as KeyId;

type Window = AccountState['windows'][number];

export const window = (over: Partial<Window> = {}): Window => ({
  limitId: 'codex',
  windowMinutes: 300,
  usedPercent: 20,
  resetsAtMs: NOW_MS + 60 * MINUTE_MS,
  source: 'usage',
  observedAtMs: NOW_MS,
  ...over,
});

export const account = (over: Partial<AccountState> = {}): AccountState => ({
  id: 'cccccccc-0000-4000-8000-000000000001' as AccountId,
  label: 'alice',
  status: 'active',
  assignments: [{ poolId: POOL, status: 'active', priority: 0 }],
  metered: false,
  refreshState: 'idle',
  refreshFailures: 0,
  windows: [window()],
  meters: [],
  lanes: [],
  ...over,
});

export const lane = (over: Partial<AccountState['lanes'][number]> = {}): AccountState['lanes'][number] => ({
  model: '*',
  routeClass: '*',
  state: 'open',
  sinceMs: NOW_MS - MINUTE_MS,
  untilMs: NOW_MS + MINUTE_MS,
  reason: 'upstream_rate_limited',
  probing: false,
  ...over,
});

export const watched = (over: Partial<Watched> = {}): Watched => ({
  nowMs: NOW_MS,
  pools: [{ id: POOL, slug: 'team' }],
  keys: [{ id: KEY, label: 'ci', poolId: POOL }],
  accounts: [account()],
  limits: [],
  outcomes: new Map(),
  jobs: [],
  refreshMarginMs: 10 * MINUTE_MS,
  ...over,
});

import type { Operation } from '../../src/core/index.js';
import type { ExclusionReason } from '../../src/routing/decision.js';
import type { AccountSnapshot } from '../../src/upstream/index.js';
import type { World } from './routing-worlds.js';

type Test = (account: AccountSnapshot, world: World, nowMs: number) => boolean;

const QUARTER_MS = 15 * 60_000;

const own = ({ windows }: AccountSnapshot, nowMs: number) =>
  windows.filter(({ limitId, resetsAtMs }) => limitId === 'codex' && resetsAtMs > nowMs);
const isFull = (account: AccountSnapshot, nowMs: number) =>
  own(account, nowMs).some(({ usedPercent }) => usedPercent >= 100);
const isFresh = (account: AccountSnapshot, nowMs: number) =>
  own(account, nowMs).some(({ observedAtMs }) => nowMs - observedAtMs <= QUARTER_MS);
const isResting = ({ coolingUntilMs }: AccountSnapshot, nowMs: number) => coolingUntilMs > nowMs;
const WITHOUT_MODEL: ReadonlySet<Operation> = new Set(['relay', 'files_create', 'files_uploaded']);
const HOSTED: ReadonlySet<Operation> = new Set(['images_generations', 'images_edits', 'realtime_calls', 'transcribe']);
const named = ({ call }: World) => call.model.trim().toLowerCase();

/**
 * The rules in plain words, told apart from the code that they judge. For accounts whose upstream says nothing of meters as
 * a whole, and for models that have no meter of their own.
 */
const BROKEN: Readonly<Record<ExclusionReason, Test>> = {
  login_required: ({ status }) => status === 'login_required',
  paused: ({ status }) => status === 'paused',
  draining: ({ status, id }, { call }) => status === 'draining' && call.pin?.id !== id,
  operation_not_served: ({ operations }, { call }) => operations !== undefined && !operations.has(call.operation),
  model_not_served: ({ models }, world) => {
    if (models === undefined || WITHOUT_MODEL.has(world.call.operation)) return false;
    if (HOSTED.has(world.call.operation)) return models.size === 0;
    return !models.has(named(world)) && !world.snapshot.pool.allowUnlistedModels;
  },
  cooling_down: (account, _, nowMs) =>
    isResting(account, nowMs) && account.coolingReason !== 'upstream_quota_exhausted',
  circuit_open: ({ lanes, models }, world, nowMs) =>
    lanes
      .filter(({ model, routeClass }) => {
        if (model === '*') return true;
        const listed = models !== undefined && models.has(named(world));
        return routeClass === world.call.routeClass && model === (listed ? named(world) : '');
      })
      .some(({ state, untilMs, probing }) => probing || (state === 'open' && untilMs > nowMs)),
  quota_exhausted: (account, _, nowMs) =>
    isFull(account, nowMs) || (isResting(account, nowMs) && account.coolingReason === 'upstream_quota_exhausted'),
  quota_unknown: (account, { snapshot, call }, nowMs) =>
    snapshot.pool.routing.evidence === 'strict' &&
    call.operation !== 'relay' &&
    !isFull(account, nowMs) &&
    !isFresh(account, nowMs),
  saturated: ({ openExchanges, maxConcurrent }) => openExchanges >= maxConcurrent,
  already_asked: ({ id }, { call }) => call.tried !== undefined && call.tried.has(id),
  bound_elsewhere: ({ id }, { call }) => call.pin !== undefined && call.pin.required && call.pin.id !== id,
};

const REASONS = Object.keys(BROKEN) as ExclusionReason[];

/** The rules that an account breaks, in their order; none: it may serve the call. */
export const brokenRules = (account: AccountSnapshot, world: World, nowMs: number): ExclusionReason[] =>
  REASONS.filter((reason) => BROKEN[reason](account, world, nowMs));

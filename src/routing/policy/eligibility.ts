import { OPERATIONS, type RouteClass } from '../../core/index.js';
import { quotaVerdict, type AccountSnapshot } from '../../upstream/index.js';
import { EXCLUSION_REASONS, type Evidence, type Exclusion, type ExclusionReason } from '../decision.js';
import type { Eligible } from './eligible.js';
import type { RoutingCall, RoutingSnapshot } from './routing-call.js';

/** A call before the rules: what is the same for every account. */
export interface Asked {
  readonly call: RoutingCall;
  readonly pool: RoutingSnapshot['pool'];
  /** Lower-case, without blanks around it. */
  readonly model: string;
  readonly nowMs: number;
}

type Lane = AccountSnapshot['lanes'][number];

/** One account before the rules. */
interface Case extends Eligible {
  /** Those of its circuits that the call would go through. */
  readonly lanes: readonly Lane[];
  /** The call would go on with it. */
  readonly pinned: boolean;
}

/** That a rule speaks against an account. */
interface Hold {
  /** Unix time in milliseconds; not in the future: it may end at any moment; Infinity: not by itself, or nobody knows. */
  readonly untilMs: number;
  readonly evidence: Evidence;
}

type Rule = (one: Case, asked: Asked) => Hold | undefined;

const QUOTA = 'upstream_quota_exhausted';

/** The model of the circuit that an account as a whole has. */
const WHOLE_ACCOUNT = '*';

/** Work that costs no quota worth the name: where nothing is known of it, nothing is missing. */
const WITHOUT_EVIDENCE: ReadonlySet<RouteClass> = new Set(['files', 'audio', 'relay']);

const forGood = (source: string): Hold => ({ untilMs: Infinity, evidence: { source } });

const learnt = (source: string, observedAtMs: number | undefined): Evidence =>
  observedAtMs === undefined ? { source } : { source, observedAtMs };

const inStatus = ({ account }: Case, status: AccountSnapshot['status']): Hold | undefined =>
  account.status === status ? forGood('account_status') : undefined;

function serves({ models }: AccountSnapshot, { call, model, pool }: Asked): boolean {
  const rule = OPERATIONS[call.operation].model;
  if (rule === 'none' || models === undefined) return true;
  if (rule === 'hosted') return models.size > 0;
  return pool.allowUnlistedModels || models.has(model);
}

const isResting = ({ coolingUntilMs }: AccountSnapshot, nowMs: number): boolean => coolingUntilMs > nowMs;

const isShut = (lane: Lane, nowMs: number): boolean => lane.state === 'open' && lane.untilMs > nowMs;

/** A probe may come to its end at any moment. */
function circuit({ lanes }: Case, { nowMs }: Asked): Hold | undefined {
  let hold: Hold | undefined;
  for (const lane of lanes) {
    const shut = isShut(lane, nowMs);
    if (!shut && !lane.probing) continue;
    const untilMs = shut ? lane.untilMs : nowMs;
    if (hold === undefined || untilMs > hold.untilMs) hold = { untilMs, evidence: learnt(lane.reason, lane.sinceMs) };
  }
  return hold;
}

/** A call that found the quota spent counts as much as a window that says so; the later end of the two holds. */
function spent({ account, quota }: Case, { nowMs }: Asked): Hold | undefined {
  const found = account.coolingReason === QUOTA && isResting(account, nowMs) ? account.coolingUntilMs : undefined;
  if (quota.verdict !== 'block') {
    return found === undefined ? undefined : { untilMs: found, evidence: learnt(QUOTA, account.coolingSinceMs) };
  }
  return {
    untilMs: Math.max(found ?? 0, quota.clearsAtMs ?? Infinity),
    evidence: quota.evidence ?? { source: QUOTA },
  };
}

const RULES: Readonly<Record<ExclusionReason, Rule>> = {
  login_required: (one) => inStatus(one, 'login_required'),
  paused: (one) => inStatus(one, 'paused'),
  draining: (one) => (one.pinned ? undefined : inStatus(one, 'draining')),
  operation_not_served: ({ account }, { call }) =>
    account.operations?.has(call.operation) === false ? forGood('upstream_kind') : undefined,
  model_not_served: ({ account }, asked) => (serves(account, asked) ? undefined : forGood('catalog')),
  cooling_down: ({ account }, { nowMs }) =>
    isResting(account, nowMs) && account.coolingReason !== QUOTA
      ? {
          untilMs: account.coolingUntilMs,
          evidence: learnt(account.coolingReason ?? 'cooldown', account.coolingSinceMs),
        }
      : undefined,
  circuit_open: circuit,
  quota_exhausted: spent,
  quota_unknown: ({ quota }, { call, pool }) =>
    quota.verdict === 'unknown' && pool.routing.evidence === 'strict' && !WITHOUT_EVIDENCE.has(call.routeClass)
      ? { untilMs: Infinity, evidence: quota.evidence ?? { source: 'no_evidence' } }
      : undefined,
  saturated: ({ account }, { nowMs }) =>
    account.openExchanges >= account.maxConcurrent
      ? { untilMs: nowMs, evidence: { source: 'open_exchanges' } }
      : undefined,
  already_asked: ({ account }, { call }) => (call.tried?.has(account.id) === true ? forGood('attempt') : undefined),
  bound_elsewhere: ({ pinned }, { call: { pin } }) =>
    pin?.required === true && !pinned ? forGood(`pin_${pin.reason}`) : undefined,
};

const RULES_IN_ORDER = EXCLUSION_REASONS.map((reason) => ({ reason, rule: RULES[reason] }));

/** A circuit is of one listed model, of all other work of a class, or of the account as a whole. */
function lanesOf({ lanes, models }: AccountSnapshot, { call, model }: Asked): readonly Lane[] {
  if (lanes.length === 0) return lanes;
  const own = models?.has(model) === true ? model : '';
  return lanes.filter(
    (lane) => lane.model === WHOLE_ACCOUNT || (lane.model === own && lane.routeClass === call.routeClass),
  );
}

function caseOf(account: AccountSnapshot, asked: Asked): Case {
  const lanes = lanesOf(account, asked);
  return {
    account,
    quota: quotaVerdict(account, asked.model, asked.nowMs),
    lanes,
    pinned: asked.call.pin?.id === account.id,
    halfOpen: lanes.some((lane) => !isShut(lane, asked.nowMs)),
    load: Math.min(100, (100 * account.openExchanges) / account.maxConcurrent),
  };
}

/** Ask every rule about one account. */
export function judged(account: AccountSnapshot, asked: Asked): Eligible | Exclusion {
  const one = caseOf(account, asked);
  let told: { reason: ExclusionReason; hold: Hold; also: ExclusionReason[]; backAtMs: number } | undefined;
  for (const { reason, rule } of RULES_IN_ORDER) {
    const hold = rule(one, asked);
    if (hold === undefined) continue;
    if (told === undefined) {
      told = { reason, hold, also: [], backAtMs: hold.untilMs };
      continue;
    }
    told.also.push(reason);
    told.backAtMs = Math.max(told.backAtMs, hold.untilMs);
  }
  if (told === undefined) return one;
  const { reason, hold, also, backAtMs } = told;
  const { untilMs, evidence } = hold;
  const exclusion: { -readonly [Name in keyof Exclusion]: Exclusion[Name] } = {
    accountId: account.id,
    label: account.label,
    reason,
    also,
    evidence,
  };
  if (untilMs > asked.nowMs && untilMs < Infinity) exclusion.clearsAtMs = untilMs;
  if (backAtMs < Infinity) exclusion.backAtMs = backAtMs;
  return exclusion;
}

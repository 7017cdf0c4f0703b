import { matchesModel, normalModel, SERVICE_TIERS, type EffortRule, type ServiceTier } from '../core/index.js';
import { cidrBlocks } from './addresses.js';
import { KeyRefused } from './key-refused.js';
import type { PoolKey } from './pool-key.entity.js';

/** What an operator may say of a key. What is absent stays as it is; `null` takes it away. */
export interface KeyPolicy {
  /** `null`: never. */
  readonly expiresAt?: Date | null;
  /** A key that was revoked stays so. */
  readonly paused?: boolean;
  /** The only models that it may ask for, as patterns with `*`. */
  readonly allowedModels?: readonly string[] | null;
  /** Calls at once, at least 1. */
  readonly maxConcurrent?: number | null;
  /** Of the names that it asks for: a pattern with `*` → the model that serves it. The first that fits. */
  readonly modelAliases?: readonly (readonly [pattern: string, model: string])[] | null;
  /** In place of whatever model is asked for; has to be among the allowed ones. */
  readonly forcedModel?: string | null;
  readonly effort?: EffortRule | null;
  /** In place of whatever tier is asked for. */
  readonly serviceTier?: ServiceTier | 'fast' | null;
  /** Addresses and CIDR blocks. */
  readonly allowedAddresses?: readonly string[] | null;
}

/** The columns of a key that a policy is about. */
export type PolicyColumns = Pick<
  PoolKey,
  | 'status'
  | 'expiresAt'
  | 'allowedModels'
  | 'maxConcurrent'
  | 'modelAliases'
  | 'forcedModel'
  | 'effortMode'
  | 'effort'
  | 'serviceTier'
  | 'allowedAddresses'
>;

/** Of a key of which nothing was said. */
export const NO_POLICY: PolicyColumns = {
  status: 'active',
  expiresAt: null,
  allowedModels: null,
  maxConcurrent: null,
  modelAliases: [],
  forcedModel: null,
  effortMode: null,
  effort: null,
  serviceTier: null,
  allowedAddresses: null,
};

const MAX_NAME_LENGTH = 200;
/** Blanks and everything that does not show, wherever they are. */
const UNFIT = /[\s\p{C}]/u;

/**
 * The columns as they are to be, after what is said now.
 *
 * @throws KeyRefused for what makes no sense, by itself or with what was said before
 */
export function policyColumns(policy: KeyPolicy, before: PolicyColumns): PolicyColumns {
  const { expiresAt, allowedModels, maxConcurrent, modelAliases, forcedModel, effort, allowedAddresses } = policy;
  const columns: PolicyColumns = {
    status: statusOf(policy, before),
    expiresAt: said(expiresAt, before.expiresAt, (at) => at),
    allowedModels: said(allowedModels, before.allowedModels, modelPatterns),
    maxConcurrent: said(maxConcurrent, before.maxConcurrent, atLeastOne),
    modelAliases: modelAliases === undefined ? before.modelAliases : (modelAliases ?? []).map(alias),
    forcedModel: said(forcedModel, before.forcedModel, (model) => modelName(model, 'forced model')),
    effortMode: said(effort, before.effortMode, ({ mode }) => mode),
    effort: said(effort, before.effort, (rule) => rule.effort),
    serviceTier: said(policy.serviceTier, before.serviceTier, tier),
    allowedAddresses: said(allowedAddresses, before.allowedAddresses, cidrBlocks),
  };
  requireAllowed(columns);
  return columns;
}

/** Whether two are the same key to those who call with it. */
export const sameColumns = (one: PolicyColumns, other: PolicyColumns): boolean =>
  (Object.keys(NO_POLICY) as (keyof PolicyColumns)[]).every(
    (name) => JSON.stringify(one[name]) === JSON.stringify(other[name]),
  );

const said = <Given, Kept>(given: Given | null | undefined, before: Kept, kept: (given: Given) => Kept): Kept | null =>
  given === undefined ? before : given === null ? null : kept(given);

function statusOf({ paused }: KeyPolicy, { status }: PolicyColumns): PolicyColumns['status'] {
  if (paused === undefined || status === 'revoked') return status;
  return paused ? 'paused' : 'active';
}

/** A pattern is kept as it is compared, each once, in order. @throws KeyRefused for none at all */
function modelPatterns(given: readonly string[]): string[] {
  const patterns = [...new Set(given.map((pattern) => normalModel(nameOf(pattern, 'model'))))].sort();
  if (patterns.length === 0) throw new KeyRefused('The models of a key have names.');
  return patterns;
}

const alias = ([pattern, model]: readonly [string, string]): [string, string] => [
  normalModel(nameOf(pattern, 'alias')),
  modelName(model, 'model of an alias'),
];

/** The name of one model, as it goes upstream. */
function modelName(given: string, what: string): string {
  const name = nameOf(given, what);
  if (name.includes('*')) throw new KeyRefused(`The ${what} is one model: "*" stands for several.`);
  return name;
}

/** @throws KeyRefused */
export function nameOf(given: string, what: string): string {
  const name = given.trim();
  if (name === '') throw new KeyRefused(`The ${what} has a name: it is not empty.`);
  if (UNFIT.test(name)) throw new KeyRefused(`The ${what} has no blanks and no control characters in its name.`);
  if (name.length > MAX_NAME_LENGTH) {
    throw new KeyRefused(`The ${what} has a name of at most ${MAX_NAME_LENGTH} characters.`);
  }
  return name;
}

function atLeastOne(count: number): number {
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new KeyRefused('A key may make at least 1 call at once.');
}

function tier(given: ServiceTier | 'fast'): ServiceTier {
  const known = SERVICE_TIERS.find((name) => name === (given === 'fast' ? 'priority' : given));
  if (known) return known;
  throw new KeyRefused(`The service tier is one of ${SERVICE_TIERS.join(', ')} and fast.`);
}

function requireAllowed({ forcedModel, allowedModels }: PolicyColumns): void {
  if (forcedModel === null || allowedModels === null) return;
  if (allowedModels.some((pattern) => matchesModel(pattern, forcedModel))) return;
  throw new KeyRefused(`The forced model ${forcedModel} is not among the models that the key may ask for.`);
}

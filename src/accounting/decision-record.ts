import type { AccountId } from '../core/index.js';
import { storedText, storedTime } from './stored-text.js';

/** What a choice among accounts rests on: codes, numbers and times, never text of a provider. */
interface Grounds {
  readonly source: string;
  /** Unix time in milliseconds. */
  readonly observedAtMs?: number;
  readonly limitId?: string;
  readonly windowMinutes?: number;
  readonly usedPercent?: number;
}

interface Taken {
  readonly account: { readonly id: AccountId; readonly label: string };
  readonly scores: Readonly<Record<string, number>>;
  readonly quota: string;
  /** Of its quota; not every decision says so. */
  readonly evidence?: Grounds;
}

interface LeftOut {
  readonly accountId: AccountId;
  readonly label: string;
  readonly reason: string;
  readonly also: readonly string[];
  /** Unix time in milliseconds; so for `backAtMs`. */
  readonly clearsAtMs?: number;
  readonly backAtMs?: number;
  readonly evidence: Grounds;
}

/** The choice of accounts for a call, as it was made. */
export interface MadeDecision {
  readonly strategy: string;
  readonly evidence: string;
  /** Unix time in milliseconds. */
  readonly atMs: number;
  /** Best first. */
  readonly candidates: readonly Taken[];
  /** They come after the last candidate, and the ring ends before them. */
  readonly reserve: readonly Taken[];
  readonly exclusions: readonly LeftOut[];
  readonly pin?: { readonly id: AccountId; readonly required: boolean; readonly reason: string };
  readonly locality: string;
  readonly ringLeft?: number;
}

export interface GroundsRecord extends Omit<Grounds, 'observedAtMs'> {
  readonly observedAt?: string;
}

export interface CandidateRecord {
  readonly account: AccountId;
  readonly label: string;
  readonly scores: Readonly<Record<string, number>>;
  readonly quota: string;
  readonly evidence?: GroundsRecord;
}

export interface ExclusionRecord {
  readonly account: AccountId;
  readonly label: string;
  readonly reason: string;
  readonly also?: readonly string[];
  readonly clearsAt?: string;
  /** When nothing speaks against it any more, where that is later than the end of the reason. */
  readonly backAt?: string;
  readonly evidence: GroundsRecord;
}

/** The same, as it is kept and shown: times are ISO 8601, numbers have three decimals. */
export interface DecisionRecord {
  readonly strategy: string;
  readonly evidence: string;
  readonly at: string;
  readonly candidates: readonly CandidateRecord[];
  readonly reserve?: readonly CandidateRecord[];
  readonly exclusions: readonly ExclusionRecord[];
  /** Without a label: the account is no longer in the Pool. */
  readonly pin?: {
    readonly account: AccountId;
    readonly label?: string;
    readonly reason: string;
    readonly required: boolean;
  };
  readonly locality: string;
  readonly ringLeft?: number;
  /** How many accounts there was no room to tell of: the last of a long list. */
  readonly untold?: number;
}

/** So many accounts of a decision are kept with a call. */
export const KEPT_ACCOUNTS = 100;

/** @param most how many accounts it tells of: candidates first */
export function decisionRecord(made: MadeDecision, most = KEPT_ACCOUNTS): DecisionRecord {
  const candidates = made.candidates.slice(0, most);
  const reserve = made.reserve.slice(0, most - candidates.length);
  const exclusions = made.exclusions.slice(0, most - candidates.length - reserve.length);
  const all = made.candidates.length + made.reserve.length + made.exclusions.length;
  const untold = all - candidates.length - reserve.length - exclusions.length;
  return {
    strategy: made.strategy,
    evidence: made.evidence,
    at: storedTime(made.atMs),
    ...pinRecord(made),
    candidates: candidates.map(candidateRecord),
    ...(reserve.length > 0 && { reserve: reserve.map(candidateRecord) }),
    exclusions: exclusions.map(exclusionRecord),
    locality: made.locality,
    ...(made.ringLeft !== undefined && { ringLeft: made.ringLeft }),
    ...(untold > 0 && { untold }),
  };
}

function pinRecord({ pin, candidates, reserve, exclusions }: MadeDecision): Pick<DecisionRecord, 'pin'> {
  if (pin === undefined) return {};
  const { id, reason, required } = pin;
  const label =
    [...candidates, ...reserve].find(({ account }) => account.id === id)?.account.label ??
    exclusions.find(({ accountId }) => accountId === id)?.label;
  return { pin: { account: id, ...(label !== undefined && { label: storedText(label) }), reason, required } };
}

const candidateRecord = ({ account, scores, quota, evidence }: Taken): CandidateRecord => ({
  account: account.id,
  label: storedText(account.label),
  scores: Object.fromEntries(Object.entries(scores).map(([name, score]) => [name, rounded(score)])),
  quota,
  ...(evidence && { evidence: groundsRecord(evidence) }),
});

const exclusionRecord = (one: LeftOut): ExclusionRecord => ({
  account: one.accountId,
  label: storedText(one.label),
  reason: one.reason,
  ...(one.also.length > 0 && { also: one.also }),
  ...(one.clearsAtMs !== undefined && { clearsAt: storedTime(one.clearsAtMs) }),
  ...(one.backAtMs !== undefined &&
    one.backAtMs > (one.clearsAtMs ?? Infinity) && { backAt: storedTime(one.backAtMs) }),
  evidence: groundsRecord(one.evidence),
});

const groundsRecord = ({ observedAtMs, usedPercent, source, limitId, windowMinutes }: Grounds): GroundsRecord => ({
  source: storedText(source),
  ...(observedAtMs !== undefined && { observedAt: storedTime(observedAtMs) }),
  ...(limitId !== undefined && { limitId: storedText(limitId) }),
  ...(windowMinutes !== undefined && { windowMinutes }),
  ...(usedPercent !== undefined && { usedPercent: rounded(usedPercent) }),
});

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

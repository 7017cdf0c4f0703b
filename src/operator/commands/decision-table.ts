import type { DecisionView } from '../../control/index.js';
import { ACCOUNT_METER } from '../../core/index.js';
import { momentWords, spanWords } from './relative-time.js';
import { table } from './table.js';

type Candidate = DecisionView['candidates'][number];
type Exclusion = DecisionView['exclusions'][number];
type Grounds = Exclusion['evidence'];

/** When a reason ends that has no end of its own. */
const ENDS: Readonly<Record<string, string>> = {
  login_required: 'at a new login',
  paused: 'when resumed',
  draining: 'when resumed',
  operation_not_served: 'never',
  model_not_served: 'with its catalog',
  circuit_open: 'at any moment',
  quota_unknown: 'with evidence',
  saturated: 'at any moment',
  already_asked: 'never',
  bound_elsewhere: 'never',
};

/** Every account of a decision in a line; times are as of the decision. */
export function decisionTable(decision: DecisionView): string {
  const atMs = Date.parse(decision.at);
  const { candidates, reserve = [], exclusions } = decision;
  const rows = [
    ...candidates.map((one, at) => candidateRow(one, `${at + 1}`, decision, atMs)),
    ...reserve.map((one, at) => candidateRow(one, `(${candidates.length + at + 1})`, decision, atMs)),
    ...[...exclusions].sort(byLabel).map((one) => exclusionRow(one, atMs)),
  ];
  const lines = table(rows, 'The Pool has no accounts.');
  return decision.untold === undefined ? lines : `${lines}\nand ${decision.untold} more`;
}

const byLabel = (a: Exclusion, b: Exclusion): number => (a.label < b.label ? -1 : 1);

const candidateRow = (one: Candidate, rank: string, { pin }: DecisionView, atMs: number) => ({
  rank,
  account: one.label,
  why: [
    ...(pin?.account === one.account ? ['goes on here'] : []),
    one.quota === 'allow' ? 'has room' : 'quota unknown',
    ...(one.scores['halfOpen'] === 1 ? ['half open'] : []),
  ].join(', '),
  evidence: one.evidence && groundsWords(one.evidence),
  age: ageOf(one.evidence, atMs),
  clears: undefined,
  scores: scoreWords(one.scores, atMs),
});

const exclusionRow = (one: Exclusion, atMs: number) => ({
  rank: undefined,
  account: one.label,
  why: [one.reason, ...(one.also ?? [])].join(', '),
  evidence: groundsWords(one.evidence),
  age: ageOf(one.evidence, atMs),
  clears: clearsWords(one, atMs),
  scores: undefined,
});

const ageOf = (grounds: Grounds | undefined, atMs: number): string | undefined =>
  grounds?.observedAt === undefined ? undefined : spanWords(atMs - Date.parse(grounds.observedAt));

function clearsWords({ reason, clearsAt, backAt }: Exclusion, atMs: number): string | undefined {
  const clears = clearsAt === undefined ? ENDS[reason] : momentWords(Date.parse(clearsAt), atMs);
  return backAt === undefined ? clears : `${clears}, back ${momentWords(Date.parse(backAt), atMs)}`;
}

/** `usage: 5h 42 %`, `headers: some_model 7d 100 %`, `upstream_rate_limited`. */
function groundsWords({ source, limitId, windowMinutes, usedPercent }: Grounds): string {
  const meter = limitId === ACCOUNT_METER && windowMinutes !== undefined ? undefined : limitId;
  const words = [
    meter,
    windowMinutes === undefined ? undefined : windowName(windowMinutes),
    usedPercent === undefined ? undefined : `${numberWords(usedPercent)} %`,
  ].filter((word) => word !== undefined);
  return words.length === 0 ? source : `${source}: ${words.join(' ')}`;
}

/** Written as one word, so that nobody takes it for a time that passes. */
function windowName(minutes: number): string {
  if (minutes % 1_440 === 0) return `${minutes / 1_440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}min`;
}

/** Those that are 0 say nothing, but for the first, which decides. */
const scoreWords = (scores: Candidate['scores'], atMs: number): string =>
  Object.entries(scores)
    .filter(([name, score], at) => name !== 'halfOpen' && (at === 0 || score !== 0))
    .map(([name, score]) => `${nameWords(name)} ${name.endsWith('AtMs') ? whenWords(score, atMs) : numberWords(score)}`)
    .join(', ');

const nameWords = (name: string): string =>
  name
    .replace(/AtMs$/, '')
    .replace(/[A-Z]/g, (letter) => ` ${letter}`)
    .toLowerCase();

/** A strategy sorts those without a time first or last. */
const whenWords = (at: number, atMs: number): string =>
  at === 0 || at === Number.MAX_SAFE_INTEGER ? 'never' : momentWords(at, atMs);

const numberWords = (value: number): string => String(Number(value.toFixed(Math.abs(value) < 1 ? 3 : 1)));

import type { DecisionView, ExplanationView, PastExplanationView } from '../../control/index.js';
import { decisionTable } from './decision-table.js';
import { momentWords, spanWords } from './relative-time.js';

const PINNED_BY: Readonly<Record<string, string>> = {
  file: 'has its files',
  socket: 'has its websocket',
  anchor: 'made the response that it goes on from',
  sealed: 'sealed what is in it',
  stored: 'has its stored conversation',
  session: 'served its session last',
};

const LOCALITY: Readonly<Record<string, string>> = {
  no_key: 'it has no prompt cache key',
  off: 'prompt caches do not count',
  pinned: 'its prompt cache key does not count: it goes on with an account',
  one_account: 'its prompt cache key does not count: one account is ahead anyway',
  nobody_fit: 'its prompt cache key does not count: no account is fit for it',
  applied: 'its prompt cache key counts',
};

/** Strategies that begin at another account for each session. */
const BY_SEED: ReadonlySet<string> = new Set(['bridge_ring', 'deterministic_rotation']);

/** What would become of a call, for people. */
export function explanationWords(explained: ExplanationView): string {
  const { decision, answer, places } = explained;
  const atMs = Date.parse(decision.at);
  const inUse = places.map(
    ({ place, used, limit }) => `${placeName(place)} ${used}${limit === undefined ? '' : ` of ${limit}`}`,
  );
  return lines([
    `${subject(explained)}: ${mayServe(decision)}`,
    ...decisionWords(decision),
    BY_SEED.has(decision.strategy) && !explained.session
      ? 'It is of no session: the next such call begins at another account.'
      : undefined,
    answer && `A client is told ${answerWords(answer, atMs)}.`,
    `Calls in progress: ${inUse.join(', ')}.`,
    '',
    decisionTable(decision),
    '',
    `Seen from this process: what others know of ${explained.reach === 'process' ? 'open calls, and of ' : ''}how fast and sound accounts are, is not in it.`,
  ]);
}

/** What became of a call, for people. */
export function pastWords({ at, request }: PastExplanationView): string {
  const { decision, attempts, receivedAt, pool } = request;
  const end = [request.status, request.httpStatus, request.errorCode].filter((word) => word !== null).join(' ');
  const asked = attempts.map(({ accountLabel, status, errorCode }) =>
    errorCode === null ? `${accountLabel} (${status})` : `${accountLabel} (${status}: ${errorCode})`,
  );
  const when = `${receivedAt}, ${momentWords(Date.parse(receivedAt), Date.parse(at))}`;
  return lines([
    `Call ${request.id} of ${when}: Pool ${pool}, key ${request.keyLabel}, model ${request.model || '-'}.`,
    `It ${request.status === 'in_flight' ? 'is not over yet' : `ended: ${end}`}.`,
    `Asked: ${asked.length === 0 ? 'nobody' : asked.join(', ')}.`,
    ...(decision === null
      ? [request.status === 'in_flight' ? undefined : 'Nothing is known of the choice among accounts.']
      : [
          `When it was last looked for an account: ${mayServe(decision)}`,
          ...decisionWords(decision),
          '',
          decisionTable(decision),
        ]),
  ]);
}

const lines = (all: readonly (string | undefined)[]): string => all.filter((line) => line !== undefined).join('\n');

function subject({ pool, key, model, servedAs, operation, transport }: ExplanationView): string {
  return [
    `Pool ${pool.slug}${stateWords(pool.status)}`,
    ...(key ? [`key ${key.label}${stateWords(key.status)}`] : []),
    ...(model === '' ? [] : [`model ${model}${servedAs === undefined ? '' : ` served as ${servedAs}`}`]),
    `${operation} over ${transport}`,
  ].join(', ');
}

/** Whatever it is but active keeps all calls out, which this is not about. */
const stateWords = (status: string): string => (status === 'active' ? '' : ` (${status})`);

function mayServe({ candidates, reserve = [], exclusions, untold = 0 }: DecisionView): string {
  const eligible = candidates.length + reserve.length;
  return `${eligible} of ${eligible + exclusions.length + untold} accounts may serve.`;
}

function decisionWords({ strategy, evidence, locality, ringLeft, pin }: DecisionView): (string | undefined)[] {
  const ring = ringLeft === undefined ? 'no ring' : `a ring of ${ringLeft}`;
  return [
    `Strategy ${strategy}, evidence ${evidence}, ${ring}; ${LOCALITY[locality] ?? locality}.`,
    pin && pinWords(pin),
  ];
}

function pinWords({ account, label, reason, required }: NonNullable<DecisionView['pin']>): string {
  const whom = label ?? `an account that is not in the Pool (${account})`;
  const how = required ? `It has to go on with ${whom}` : `It goes on with ${whom} where it may`;
  return `${how}: that account ${PINNED_BY[reason] ?? reason}.`;
}

function answerWords(
  { status, code, resetsAt, retryAfterMs, waitsMs }: NonNullable<ExplanationView['answer']>,
  atMs: number,
): string {
  return [
    `${status} ${code}`,
    ...(resetsAt === undefined ? [] : [`reset ${momentWords(Date.parse(resetsAt), atMs)}`]),
    ...(retryAfterMs === undefined ? [] : [`to try again in ${spanWords(retryAfterMs)}`]),
    ...(waitsMs === undefined ? [] : [`after it waited up to ${spanWords(waitsMs)} for somebody to be back`]),
  ].join(', ');
}

const placeName = (place: string): string =>
  place === 'class' ? 'class of routes' : place === 'pool' ? 'Pool' : place;

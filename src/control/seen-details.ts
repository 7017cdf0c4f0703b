import { sees, type Actor } from './actor.js';
import type { PoolId } from '../core/index.js';

type Details = Readonly<Record<string, unknown>>;

/**
 * What an event tells an actor of how things were: what was done to a thing in one Pool may show, by who did it, in which
 * others it is. Those that the actor does not see are left out.
 */
export const seenDetails = (details: Details, actor: Pick<Actor, 'poolIds'>): Record<string, unknown> => ({
  ...(actor.poolIds === undefined ? details : (seen(details, actor) as Details)),
});

function seen(value: unknown, actor: Pick<Actor, 'poolIds'>): unknown {
  if (Array.isArray(value)) return value.filter((each) => isSeen(each, actor)).map((each) => seen(each, actor));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === 'poolIds' && Array.isArray(each) ? each.filter((id) => sees(actor, id as PoolId)) : seen(each, actor),
    ]),
  );
}

const isSeen = (value: unknown, actor: Pick<Actor, 'poolIds'>): boolean =>
  typeof value !== 'object' || value === null || !('poolId' in value) || sees(actor, value.poolId as PoolId);

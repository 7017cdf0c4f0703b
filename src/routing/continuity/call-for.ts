import type { AccountId, CallBody, RoutedCall } from '../../core/index.js';
import type { Known } from './known.js';

/** A word of the upstream to itself, for the requests of one turn: it means nothing to another account. */
const TURN_STATE = 'x-codex-turn-state';

/** Of a longer input only the newest sealed items are looked up: who made the older ones is not known. */
const MOST_LOOKED_UP = 8;

/**
 * A call as one account gets it: the client's own, or without what only another account can make use of. A folded
 * conversation is never left out; where it must not go, the call is not sent (see `pinOf`).
 */
export function callFor(call: RoutedCall, id: AccountId, known: Known): RoutedCall {
  const body = bodyFor(call, id, known);
  const moved = known.home !== undefined && known.home.id !== id && TURN_STATE in call.headers;
  if (body === call.body && !moved) return call;
  const { [TURN_STATE]: state, ...others } = call.headers;
  return { ...call, body, headers: moved ? others : call.headers };
}

function bodyFor(call: RoutedCall, id: AccountId, known: Known): CallBody {
  const { body, sealed, account, transport } = call;
  if (sealed === undefined) return body;
  // Whoever translated the call named the one account whose reasoning it left in.
  if (account !== undefined && transport === 'http') return account.id === id ? body : body.unsealed();
  return isReadable(call, id, known) ? body : body.unsealed(ownPart(call, id, known));
}

/** Where the part that an account made begins, in a session that came to it from another. */
const beginnings = (id: AccountId, { home }: Known): readonly string[] | undefined =>
  home?.id === id ? home.since : undefined;

/** The same in one call: not before anything that another account is known to have made, in a thread beside this one. */
function ownPart({ anchors = [] }: RoutedCall, id: AccountId, known: Known): readonly string[] | undefined {
  const since = beginnings(id, known);
  const makers = anchors.map(({ digest }) => known.minted.get(digest)?.id);
  const foreign = makers.findIndex((maker) => maker !== undefined && maker !== id);
  if (foreign >= 0 && since === undefined) return undefined;
  if (since !== undefined && foreign < 0) return since;
  const own = foreign < 0 ? anchors : anchors.slice(0, foreign);
  return own.flatMap(({ digest }, at) => (makers[at] === id ? digest : []));
}

/** Whether an account made all that is sealed in a call, as far as anybody knows. */
function isReadable({ anchors = [] }: RoutedCall, id: AccountId, known: Known): boolean {
  if (beginnings(id, known) !== undefined) return false;
  const makers = anchors.flatMap(({ digest }) => known.minted.get(digest)?.id ?? []);
  const isHome = known.home === undefined || known.home.id === id;
  if (makers.length === 0) return isHome;
  return makers.every((maker) => maker === id) && (isHome || anchors.length < MOST_LOOKED_UP);
}

import {
  GatewayError,
  OPERATIONS,
  type AccountId,
  type Anchor,
  type RoutedCall,
  type RoutingPolicy,
} from '../../core/index.js';
import type { Pin } from '../decision.js';
import type { Holder, Holders } from './known.js';

/** What a pin looks at in a call. */
export type Pinnable = Pick<RoutedCall, 'operation' | 'transport' | 'account' | 'anchors' | 'sealed'>;

type Moves = Pick<RoutingPolicy, 'sessionMoves'>;

/**
 * The account that a call goes on with, if there is one: what must hold before what may, and of each in this order.
 *
 * 1. `file`: who holds the files it refers to, or the file that it is about. Required.
 * 2. `socket`, `stored`: the account that the call itself names. Required where the call says so: the state of a live
 *    upstream websocket, a folded conversation that is stored here.
 * 3. `anchor`: who made the response that it goes on from without bringing it. Required.
 * 4. `sealed`: who sealed what is in its input: the maker of the newest sealed item, else the account of its session. A
 *    folded conversation requires it; reasoning does where the Pool lets no session move.
 * 5. `session`: who served its session last. A preference, except for what belongs to one account when it is made.
 *
 * A preference always yields to what makes an account eligible. What is required is released only when
 *
 * - its holder was deleted: sealed content goes to whoever serves the session now, without the reasoning in it. Where the
 *   client left something out that the holder had (`socket`, `anchor`), nobody can fill that in, and it stays required;
 * - its time is over, 24 hours after it was made: nothing is known of it any more;
 * - all of it is in the input and the Pool lets sessions move: then the reasoning of the old account is left out;
 * - it is a file that expired, or whose holder was deleted: there is no such file any more.
 *
 * While shared state is away nothing is sure, and nothing but `file` and `socket` is required.
 *
 * @throws GatewayError `file_not_found` when the holder of the call's files is gone
 */
export function pinOf(call: Pinnable, holders: Holders, policy: Moves): Pin | undefined {
  const all = claims(call, holders, policy);
  return all.find(({ required }) => required) ?? all[0];
}

/**
 * A second account that the call is bound to as well, when there is one: then nobody can serve it. That its session is with
 * another is no reason: what a folded conversation refers to must be there, who was asked before need not.
 */
export function rivalOf(call: Pinnable, holders: Holders, policy: Moves): Pin | undefined {
  const [first, ...others] = claims(call, holders, policy).filter(({ required }) => required);
  return others.find(({ id, reason }) => id !== first?.id && reason !== 'session');
}

function claims(call: Pinnable, holders: Holders, policy: Moves): readonly Pin[] {
  return [
    byFiles(call, holders),
    byName(call, holders, policy),
    byResponse(call, holders),
    bySealed(call, holders, policy),
    bySession(call, holders),
  ].filter((claim) => claim !== undefined);
}

function byFiles({ operation, account }: Pinnable, { files, accounts }: Holders): Pin | undefined {
  const holder = files ?? (operation === 'files_uploaded' ? account?.id : undefined);
  if (holder === undefined) return undefined;
  if (accounts.has(holder)) return { id: holder, required: true, reason: 'file' };
  throw new GatewayError('file_not_found', 'There is no file with this id, or no longer.', { param: 'file_id' });
}

function byName(call: Pinnable, { accounts }: Holders, policy: Moves): Pin | undefined {
  const { account, transport, sealed } = call;
  if (account === undefined) return undefined;
  const { id } = account;
  if (transport === 'websocket') return { id, required: account.required || isBound(call), reason: 'socket' };
  const required = account.required || isBound(call) || (sealed !== undefined && isRequired(sealed, policy));
  return { id, required: required && accounts.has(id), reason: 'stored' };
}

function byResponse({ anchors }: Pinnable, { minted }: Holders): Pin | undefined {
  const holder = makerOf(
    anchors?.filter(({ kind }) => kind === 'response'),
    minted,
  );
  return holder && { id: holder.id, required: holder.sure, reason: 'anchor' };
}

function bySealed(call: Pinnable, { minted, home, accounts }: Holders, policy: Moves): Pin | undefined {
  const { sealed, anchors = [] } = call;
  if (sealed === undefined) return undefined;
  const own = anchors.filter(({ kind }) => kind === sealed);
  const holder = makerOf(own, minted) ?? makerOf(anchors, minted) ?? home;
  if (holder === undefined) return undefined;
  const required = holder.sure && accounts.has(holder.id) && isRequired(sealed, policy);
  return { id: holder.id, required, reason: 'sealed' };
}

function bySession(call: Pinnable, { home, accounts }: Holders): Pin | undefined {
  if (home === undefined) return undefined;
  return { id: home.id, required: isBound(call) && home.sure && accounts.has(home.id), reason: 'session' };
}

/** What can be left out need not be where it can be read. */
const isRequired = (sealed: NonNullable<Pinnable['sealed']>, { sessionMoves }: Moves): boolean =>
  sealed === 'conversation' || !sessionMoves;

const isBound = ({ operation }: Pinnable): boolean => OPERATIONS[operation].bound;

/** @param anchors the newest first */
function makerOf(
  anchors: readonly Anchor[] | undefined,
  minted: ReadonlyMap<string, Holder>,
): { readonly id: AccountId; readonly sure: boolean } | undefined {
  return anchors?.map(({ digest }) => minted.get(digest)).find((holder) => holder !== undefined);
}

import type { AccountId } from '../../src/core/index.js';
import { aWish } from '../support/routing.js';
import { Dice } from './dice.js';
import { Violation } from './oracle.js';
import { Passage } from './passage.js';
import type { World } from './world.js';

/** Longer than any circuit is open and any burst lasts. */
const ROUND_MS = 73_000;
const ROUNDS = 4;
const DAY_MS = 86_400_000;

/** Everything is well from now on, and after a time everybody serves again: to all replicas. */
export function recovered(world: World): void {
  const ids = world.knowledge.all.filter(({ isDeleted }) => !isDeleted).map(({ account }) => account.id);
  for (const id of ids) repaired(world, id);
  // The longest window, so that the reset of each has passed.
  world.pass(world.nowMs + 7 * DAY_MS + ROUND_MS);
  for (let round = 0; round < ROUNDS && ids.some((id) => isShut(world, id)); round += 1) {
    told(world, ids);
    for (const id of ids) if (isShut(world, id)) tried(world, id, round);
    world.pass(world.nowMs + ROUND_MS);
  }
  told(world, ids);
  world.pass(world.nowMs + 1_000);
  for (const replica of world.replicas) {
    const accounts = world.view(replica);
    const { exclusions } = world.subject.route({ accounts, pool: world.caller.pool }, aWish(), world.nowMs);
    const [hidden] = exclusions;
    if (hidden !== undefined) throw new Violation('hidden for ever', `${hidden.accountId}: ${hidden.reason}`);
    const odd = accounts.find(({ lanes }) =>
      lanes.some(({ model, routeClass }) => model === '*' || (model === 'gpt-5.5' && routeClass === 'stream')),
    );
    if (odd !== undefined) throw new Violation('hidden for ever', `a circuit of ${odd.id} does not close`);
  }
  world.checkLeases();
}

/** Their upstream says what is left of each. */
function told(world: World, ids: readonly AccountId[]): void {
  for (const id of ids) {
    const { account } = world.knowledge.of(id);
    world.heard(undefined, id, world.upstream.report(id, 'usage', world.nowMs), account.credentialEpoch);
  }
}

function repaired(world: World, id: AccountId): void {
  const truth = world.upstream.of(id);
  truth.gone.clear();
  truth.token = 'good';
  truth.burst = { untilMs: 0 };
  truth.outage = { ...truth.outage, untilMs: 0 };
  truth.bannedUntilMs = 0;
  world.upstream.overloadedUntilMs = 0;
  if (world.knowledge.of(id).account.status === 'login_required') world.knowledge.lifecycle(id, 'relink');
  world.knowledge.lifecycle(id, 'resume');
  world.oracle.forget(id);
}

/** A call that goes to this account if it may. */
function tried(world: World, id: AccountId, round: number): void {
  const client = world.clients[0];
  const [replica] = world.replicas;
  if (client === undefined || replica === undefined) return;
  const { call, facts } = client.plain(`r${round} ${id}`, id);
  world.began(new Passage(world, replica, client, call, facts, world.caller, new Dice(round)));
  world.settle();
}

const isShut = (world: World, id: AccountId): boolean =>
  world.knowledge.of(id).lanes.some(({ circuit }) => circuit.open !== undefined);

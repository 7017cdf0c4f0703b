import { ControlService, type Actor, type Done, type Wishes } from '../../src/control/index.js';
import type { OperatorScope, PoolId } from '../../src/core/index.js';
import type { TestGateway } from './gateway.js';

/** Somebody who may do everything, unless told otherwise. */
export function anActor({ scopes = ['admin'], poolIds }: ActorOptions = {}): Actor {
  const id = poolIds === undefined ? 'actor-unbound' : 'actor-bound';
  const bound = poolIds === undefined ? {} : { poolIds: new Set(poolIds) };
  return { kind: 'token', id, label: id, scopes: new Set(scopes), ...bound };
}

interface ActorOptions {
  readonly scopes?: readonly OperatorScope[];
  readonly poolIds?: readonly PoolId[];
}

/** Operations of a gateway that runs in this process, asked for as its doors do. */
export function controlOf(gateway: () => TestGateway) {
  let asked = 0;
  const run = (name: string, input: object, actor = anActor(), wishes?: Wishes): Promise<Done> =>
    gateway()
      .get(ControlService)
      .run(name, input, { actor, requestId: `request-${(asked += 1)}`, nowMs: Date.now() }, wishes);
  return {
    run,
    /** Its output. */
    told: async <T = Record<string, unknown>>(name: string, input: object = {}, actor?: Actor): Promise<T> =>
      (await run(name, input, actor)).output as T,
    /** What it would come to. */
    dry: async (name: string, input: object, actor?: Actor): Promise<{ readonly effects: readonly string[] }> =>
      (await run(name, input, actor, { dryRun: true })).output as { readonly effects: readonly string[] },
    /** The newest events of the audit first, as rows. */
    audit: (): Promise<AuditRow[]> =>
      gateway().database().query<AuditRow[]>('SELECT * FROM audit_event ORDER BY seq DESC LIMIT 20'),
  };
}

type AuditRow = Readonly<Record<string, unknown>>;

import type { AccountId, KeyId, PoolId } from '../core/index.js';
import { ControlError } from './control-error.js';

interface Named<Id> {
  readonly id: Id;
  readonly label: string;
}
interface NamedKey extends Named<KeyId> {
  readonly prefix: string;
  readonly poolId: PoolId;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What the ids of the ledger are called. Those that are there no more are called by their id, and found by it. */
export class LedgerNames {
  constructor(
    private readonly pools: readonly Named<PoolId>[],
    private readonly keys: readonly NamedKey[],
    private readonly accounts: readonly Named<AccountId>[],
  ) {}

  pool = (id: PoolId): string => labelIn(this.pools, id);
  account = (id: AccountId): string => labelIn(this.accounts, id);

  /** With its prefix where another key has the same label. */
  key = (id: KeyId): string => {
    const key = this.keys.find((each) => each.id === id);
    if (!key) return id;
    const alike = this.keys.filter(({ label }) => label === key.label);
    return alike.length > 1 ? `${key.label} (${key.prefix})` : key.label;
  };

  /** @throws ControlError `not_found` when nothing is called so */
  poolNamed = (name: string): PoolId => idIn(this.pools, name) ?? unknown('Pool', name);
  accountNamed = (name: string): AccountId => idIn(this.accounts, name) ?? unknown('account', name);

  /** @throws ControlError `not_found`; `conflict` when several are called so */
  keyNamed = (name: string, poolId?: PoolId): KeyId => {
    const inPool = this.keys.filter((key) => poolId === undefined || key.poolId === poolId);
    const found = inPool.filter(({ id, label, prefix }) => [id, label, prefix].includes(name));
    if (found.length > 1) {
      throw new ControlError('conflict', `Several keys are labelled "${name}": say the Pool, or one's prefix.`);
    }
    return found[0]?.id ?? idIn<KeyId>([], name) ?? unknown('key', name);
  };
}

const labelIn = <Id extends string>(named: readonly Named<Id>[], id: Id): string =>
  named.find((each) => each.id === id)?.label ?? id;

/** Of a label, or an id: the ledger remembers also what was deleted. */
const idIn = <Id extends string>(named: readonly Named<Id>[], name: string): Id | undefined =>
  named.find(({ label }) => label === name)?.id ?? (UUID.test(name) ? (name.toLowerCase() as Id) : undefined);

function unknown(what: string, name: string): never {
  throw new ControlError('not_found', `There is no ${what} "${name}".`);
}

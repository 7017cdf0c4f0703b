import { KeyAdminService, PoolService } from '../../auth/index.js';
import type { AccountId, KeyId, PoolId } from '../../core/index.js';
import { AccountService } from '../../upstream/index.js';
import { CommandFailed, type Services } from './context.js';

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

  static async of(services: Services): Promise<LedgerNames> {
    const [pools, keys, accounts] = await Promise.all([
      services.get(PoolService).listPools(),
      services.get(KeyAdminService).listKeys(),
      services.get(AccountService).list(),
    ]);
    return new LedgerNames(
      pools.map(({ id, slug }) => ({ id, label: slug })),
      keys,
      accounts,
    );
  }

  pool = (id: PoolId): string => labelIn(this.pools, id);
  account = (id: AccountId): string => labelIn(this.accounts, id);

  /** With its prefix where another key has the same label. */
  key = (id: KeyId): string => {
    const key = this.keys.find((each) => each.id === id);
    if (!key) return id;
    const alike = this.keys.filter(({ label }) => label === key.label);
    return alike.length > 1 ? `${key.label} (${key.prefix})` : key.label;
  };

  /** @throws CommandFailed when nothing is called so */
  poolNamed = (name: string): PoolId => idIn(this.pools, name) ?? unknown('Pool', name);
  accountNamed = (name: string): AccountId => idIn(this.accounts, name) ?? unknown('account', name);

  /** @throws CommandFailed also when several are called so */
  keyNamed = (name: string, poolId?: PoolId): KeyId => {
    const inPool = this.keys.filter((key) => poolId === undefined || key.poolId === poolId);
    const found = inPool.filter(({ id, label, prefix }) => [id, label, prefix].includes(name));
    if (found.length > 1) {
      throw new CommandFailed(`Several keys are labelled "${name}": say the Pool, or one's prefix.`);
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
  throw new CommandFailed(`There is no ${what} "${name}".`);
}

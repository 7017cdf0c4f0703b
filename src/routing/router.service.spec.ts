import type { AccountId, Principal, RoutedCall } from '../core/index.js';
import { anAccount } from '../../test/support/account-snapshots.js';
import { aCall, POOL } from '../../test/support/upstream-services.js';
import type { AccountPoolService, AccountSnapshot, OwnFile, UploadedFiles } from '../upstream/index.js';
import type { AffinityService } from './affinity.service.js';
import { RouterService } from './router.service.js';

const account = (id: string, more: Partial<AccountSnapshot> = {}) => anAccount(id, { models: undefined, ...more });

const caller = { keyId: 'key', keyLabel: 'ci', pool: { id: POOL, slug: 'test' } } as unknown as Principal;
const file = (fileId: string, id: string): OwnFile => ({ fileId, accountId: id as AccountId, status: 'uploaded' });

describe('the route of a call', () => {
  const asked: string[][] = [];
  const route = (over: Partial<RoutedCall>, world: { last?: string; bob?: Partial<AccountSnapshot> } = {}) => {
    asked.length = 0;
    const accounts = { snapshot: async () => [account('alice'), account('bob', world.bob)] };
    const affinity = { lastAccount: async () => world.last as AccountId | undefined };
    const files = {
      ownedBy: async (_: Principal, ids: readonly string[]) => {
        asked.push([...ids]);
        return ids.map((id) => file(id, 'bob'));
      },
    };
    return new RouterService(
      accounts as unknown as AccountPoolService,
      affinity as unknown as AffinityService,
      files as unknown as UploadedFiles,
    ).route(aCall(over), caller);
  };
  const ids = (chosen: { candidates: readonly AccountSnapshot[] }) => chosen.candidates.map(({ id }) => id);
  const alice = (required: boolean) => ({ account: { id: 'alice' as AccountId, required } });

  it('asks for no file when the call refers to none', async () => {
    await route({});
    await route({ files: [] });
    expect(asked).toEqual([]);
  });

  it('ends at the account that holds its files, whatever its session or its socket would rather have', async () => {
    expect(ids(await route({ files: ['f1'] }))).toEqual(['bob']);
    expect(ids(await route({ files: ['f1'] }, { last: 'alice' }))).toEqual(['bob']);
    expect(ids(await route({ files: ['f1'], ...alice(false) }))).toEqual(['bob']);
    expect(ids(await route({ files: ['f1'], operation: 'compaction' }, { last: 'alice' }))).toEqual(['bob']);
  });

  it('has nobody when the call can only go on from another account, and says that without that it could', async () => {
    expect(await route({ files: ['f1'], ...alice(true) })).toMatchObject({
      candidates: [],
      required: 'alice',
      elsewhere: true,
    });
    expect(await route({ files: ['f1'], ...alice(true) }, { bob: { status: 'paused' } })).toMatchObject({
      candidates: [],
      required: 'alice',
      elsewhere: false,
    });
  });
});

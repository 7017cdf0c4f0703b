import type { AccountId, KeyId, Principal, RoutedCall } from '../core/index.js';
import { aPoolPolicy } from '../../test/support/pool-policy.js';
import { anAccount } from '../../test/support/account-snapshots.js';
import { aCall, ownState, POOL } from '../../test/support/upstream-services.js';
import type { AccountPoolService, AccountSnapshot, CatalogService, OwnFile, UploadedFiles } from '../upstream/index.js';
import type { AccountLeases } from './admission/account-leases.service.js';
import { ContinuityService } from './continuity/continuity.service.js';
import { NOTHING_KNOWN } from './continuity/known.js';
import { KeyPolicyService } from './key-policy.service.js';
import { RouterService, type Routed } from './router.service.js';

const account = (id: string, more: Partial<AccountSnapshot> = {}) => anAccount(id, { models: undefined, ...more });

const caller: Principal = { keyId: 'key' as KeyId, keyLabel: 'ci', pool: aPoolPolicy({ id: POOL }) };
const file = (fileId: string, id: string): OwnFile => ({ fileId, accountId: id as AccountId, status: 'uploaded' });

const homeAt = (id: string) => ({ id: id as AccountId, atMs: 0, sure: true });

describe('the route of a call', () => {
  const asked: string[][] = [];
  const route = (over: Partial<RoutedCall>, world: { last?: string; bob?: Partial<AccountSnapshot> } = {}) => {
    asked.length = 0;
    const accounts = { snapshot: async () => [account('alice'), account('bob', world.bob)] };
    const { last } = world;
    const known = last === undefined ? NOTHING_KNOWN : { ...NOTHING_KNOWN, home: homeAt(last) };
    const leases = { counts: () => new Map() };
    const files = {
      ownedBy: async (_: Principal, ids: readonly string[]) => {
        asked.push([...ids]);
        return ids.map((id) => file(id, 'bob'));
      },
    };
    return new RouterService(
      accounts as unknown as AccountPoolService,
      files as unknown as UploadedFiles,
      leases as unknown as AccountLeases,
      new ContinuityService(ownState()),
      new KeyPolicyService({} as CatalogService),
    ).route(aCall(over), caller, { known });
  };
  const ids = ({ decision }: Routed) => decision.candidates.map(({ account: { id } }) => id);
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

  it('does not wait for the account of its session where that can do no such thing', async () => {
    const bob = { operations: new Set(['responses'] as const) };
    expect(ids(await route({ operation: 'compaction' }, { last: 'bob', bob }))).toEqual(['alice']);
    expect(ids(await route({ operation: 'compaction' }, { last: 'bob' }))).toEqual(['bob']);
  });

  it('has nobody when the call can only go on from another account, and says that without that it could', async () => {
    expect((await route({ files: ['f1'], ...alice(true) })).decision).toMatchObject({
      candidates: [],
      pin: { id: 'alice', required: true },
      elsewhere: true,
    });
    expect((await route({ files: ['f1'], ...alice(true) }, { bob: { status: 'paused' } })).decision).toMatchObject({
      candidates: [],
      pin: { id: 'alice', required: true },
      elsewhere: false,
    });
  });
});

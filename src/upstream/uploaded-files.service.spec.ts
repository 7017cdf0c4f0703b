import { type AccountId, type KeyId, type PoolId, type Principal } from '../core/index.js';
import { aPoolPolicy } from '../../test/support/pool-policy.js';
import { useDatabase } from '../../test/support/database.js';
import { fakeLogin } from '../../test/support/fake-login.js';
import { FakeKind, POOL, upstreamServices } from '../../test/support/upstream-services.js';
import { FILE_LIFE_MS, UploadedFiles } from './uploaded-files.service.js';

const NOW = 1_790_000_000_000;
const KEY = '00000000-0000-4000-8000-0000000000b1' as KeyId;
const OTHER_KEY = '00000000-0000-4000-8000-0000000000b2' as KeyId;
const OTHER_POOL = '00000000-0000-4000-8000-0000000000a2' as PoolId;

const caller = (keyId: KeyId = KEY, id: PoolId = POOL): Principal => ({
  keyId,
  keyLabel: 'ci',
  pool: aPoolPolicy({ id, allowUnlistedModels: true }),
});

describe('uploaded files', () => {
  const database = useDatabase();
  const files = () => new UploadedFiles(database.dataSource());
  let alice: AccountId;
  let bob: AccountId;

  beforeAll(async () => {
    const { accounts } = upstreamServices(database.dataSource(), new FakeKind());
    const made = async (label: string) =>
      (await accounts.importAuthJson(fakeLogin({ accountId: label }).authJson, { label, poolId: POOL })).account.id;
    [alice, bob] = [await made('alice'), await made('bob')];
  });
  beforeEach(() => database.dataSource().query('TRUNCATE uploaded_file'));

  const announce = (fileId: string, over: { keyId?: KeyId; accountId?: AccountId; nowMs?: number } = {}) => {
    const { nowMs = NOW, ...who } = over;
    return files().announced({ fileId, accountId: alice, poolId: POOL, keyId: KEY, sizeBytes: 26, ...who }, nowMs);
  };

  it('are with the account that was told of them, and not ready until the provider has them', async () => {
    expect(await announce('file_1')).toBe(true);
    expect(await files().ownedBy(caller(), ['file_1'], NOW)).toEqual([
      { fileId: 'file_1', accountId: alice, status: 'pending_upload' },
    ]);
    await files().uploaded('file_1', alice);
    expect(await files().ownedBy(caller(), ['file_1', 'file_2'], NOW)).toEqual([
      { fileId: 'file_1', accountId: alice, status: 'uploaded' },
    ]);
  });

  it('are nobody’s but the Pool API key’s that announced them', async () => {
    await announce('file_1');
    expect(await files().ownedBy(caller(OTHER_KEY), ['file_1'], NOW)).toEqual([]);
    expect(await files().ownedBy(caller(KEY, OTHER_POOL), ['file_1'], NOW)).toEqual([]);
  });

  it('are not found by what can be no id', async () => {
    expect(await files().ownedBy(caller(), ['file\0', '../file_1', '', 'f'.repeat(129)], NOW)).toEqual([]);
  });

  it('are over after 24 hours, and swept then', async () => {
    await announce('file_1');
    await announce('file_2', { nowMs: NOW + 1 });
    expect(await files().ownedBy(caller(), ['file_1'], NOW + FILE_LIFE_MS - 1)).toHaveLength(1);
    expect(await files().ownedBy(caller(), ['file_1'], NOW + FILE_LIFE_MS)).toEqual([]);
    expect(await files().sweep(NOW + FILE_LIFE_MS)).toBe(1);
    expect(await files().sweep(NOW + FILE_LIFE_MS)).toBe(0);
    expect(await files().ownedBy(caller(), ['file_1', 'file_2'], NOW)).toMatchObject([{ fileId: 'file_2' }]);
  });

  it.each([
    ['another key', { keyId: OTHER_KEY }],
    [
      'another account',
      {
        get accountId() {
          return bob;
        },
      },
    ],
  ])('stay whose they are when %s is told of the same id', async (_, over) => {
    await announce('file_1');
    expect(await announce('file_1', over)).toBe(false);
    expect(await files().ownedBy(caller(), ['file_1'], NOW)).toMatchObject([{ accountId: alice }]);
    expect(await announce('file_1', { ...over, nowMs: NOW + FILE_LIFE_MS })).toBe(true);
  });

  it('begin anew when their owner announces them again', async () => {
    await announce('file_1');
    await files().uploaded('file_1', alice);
    expect(await announce('file_1')).toBe(true);
    expect(await files().ownedBy(caller(), ['file_1'], NOW)).toMatchObject([{ status: 'pending_upload' }]);
  });

  it('are finished by the account that holds them and no other', async () => {
    await announce('file_1');
    await files().uploaded('file_1', bob);
    expect(await files().ownedBy(caller(), ['file_1'], NOW)).toMatchObject([{ status: 'pending_upload' }]);
  });

  it('go with their account', async () => {
    await announce('file_1', { accountId: bob });
    await database.dataSource().query('DELETE FROM upstream_account WHERE id = $1', [bob]);
    expect(await files().ownedBy(caller(), ['file_1'], NOW)).toEqual([]);
  });
});

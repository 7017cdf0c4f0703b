import type { AccountId, KeyId, PoolId, Principal } from '../core/index.js';
import { useDatabase } from '../../test/support/database.js';
import { fakeLogin } from '../../test/support/fake-login.js';
import { BOX, FakeKind, POOL, upstreamServices } from '../../test/support/upstream-services.js';
import { parseKeyRing, SecretBox } from '../platform/crypto/index.js';
import { ListedFiles, type FilePage } from './listed-files.service.js';
import { FILE_LIFE_MS, UploadedFiles } from './uploaded-files.service.js';

const NOW = 1_790_000_000_000;
const KEY = '00000000-0000-4000-8000-0000000000b1' as KeyId;
const OTHER = '00000000-0000-4000-8000-0000000000b2';

const caller = (keyId: KeyId = KEY, id: PoolId = POOL): Principal =>
  ({ keyId, keyLabel: 'ci', pool: { id } }) as unknown as Principal;
const PAGE: FilePage = { order: 'desc', limit: 10 };

describe('the files of a key', () => {
  const database = useDatabase();
  const uploads = () => new UploadedFiles(database.dataSource());
  const files = (box: SecretBox = BOX) => new ListedFiles(database.dataSource(), box);
  let alice: AccountId;

  beforeAll(async () => {
    const { accounts } = upstreamServices(database.dataSource(), new FakeKind());
    const login = { label: 'alice', poolId: POOL };
    alice = (await accounts.importAuthJson(fakeLogin({ accountId: 'alice' }).authJson, login)).account.id;
  });
  beforeEach(() => database.dataSource().query('TRUNCATE uploaded_file'));

  const announce = (fileId: string, over: { name?: string; keyId?: KeyId; nowMs?: number } = {}): Promise<boolean> => {
    const { name = `${fileId}.pdf`, keyId = KEY, nowMs = NOW } = over;
    const listed = { sealedName: files().sealedName(fileId, name), purpose: 'user_data' as const };
    return uploads().announced({ fileId, accountId: alice, poolId: POOL, keyId, sizeBytes: 26, listed }, nowMs);
  };
  const ids = async (page: Partial<FilePage> = {}, nowMs = NOW): Promise<string[]> =>
    (await files().page(caller(), { ...PAGE, ...page }, nowMs)).map(({ fileId }) => fileId);

  it('have their names again, which no row shows', async () => {
    await announce('file_1', { name: 'Gehälter.xlsx' });
    expect(await files().find(caller(), 'file_1', NOW)).toEqual({
      fileId: 'file_1',
      name: 'Gehälter.xlsx',
      purpose: 'user_data',
      sizeBytes: 26,
      status: 'pending_upload',
      createdAt: NOW / 1000,
      expiresAt: (NOW + FILE_LIFE_MS) / 1000,
    });
    const [row] = await database.dataSource().query<object[]>('SELECT uploaded_file::text AS text FROM uploaded_file');
    expect(JSON.stringify(row)).not.toContain(Buffer.from('Gehälter').toString('hex'));
  });

  it('are told by their ids when their names cannot be read any more', async () => {
    await announce('file_1');
    const other = new SecretBox(parseKeyRing(`v9:${Buffer.alloc(32, 9).toString('base64')}`));
    expect(await files(other).find(caller(), 'file_1', NOW)).toMatchObject({ name: 'file_1' });
  });

  it('are nobody else’s, and not there once they are over or abandoned', async () => {
    await announce('file_1');
    expect(await files().find(caller(OTHER as KeyId), 'file_1', NOW)).toBeUndefined();
    expect(await files().find(caller(KEY, OTHER as PoolId), 'file_1', NOW)).toBeUndefined();
    expect(await files().find(caller(), 'file_1', NOW + FILE_LIFE_MS)).toBeUndefined();
    expect(await files().find(caller(), "file'1", NOW)).toBeUndefined();
    await uploads().abandoned('file_1', alice);
    expect([await files().find(caller(), 'file_1', NOW), await ids()]).toEqual([undefined, []]);
    expect(await uploads().ownedBy(caller(), ['file_1'], NOW)).toEqual([]);
  });

  it('cannot be abandoned once they have arrived', async () => {
    await announce('file_1');
    await uploads().uploaded('file_1', alice);
    await uploads().abandoned('file_1', alice);
    expect(await files().find(caller(), 'file_1', NOW)).toMatchObject({ status: 'uploaded' });
  });

  it('are listed in either order, from any of them on, also when they came at the same time', async () => {
    for (const [place, id] of ['file_a', 'file_b', 'file_c', 'file_d'].entries()) {
      await announce(id, { nowMs: NOW + (place < 2 ? 0 : place) });
    }
    await announce('file_x', { keyId: OTHER as KeyId });
    expect(await ids()).toEqual(['file_d', 'file_c', 'file_b', 'file_a']);
    expect(await ids({ order: 'asc' })).toEqual(['file_a', 'file_b', 'file_c', 'file_d']);
    expect(await ids({ after: 'file_b' })).toEqual(['file_a']);
    expect(await ids({ after: 'file_b', order: 'asc', limit: 1 })).toEqual(['file_c']);
    expect(await ids({ after: 'file_x' })).toHaveLength(4);
    expect(await ids({ purpose: 'vision' })).toEqual([]);
    expect(await ids({ purpose: 'user_data', limit: 2 })).toEqual(['file_d', 'file_c']);
  });
});

import { collect, from, jsonEvent, type AccountId, type GatewayError, type Principal } from '../core/index.js';
import { aCall, emptyAnswer, POOL } from '../../test/support/upstream-services.js';
import type { AccountPoolService, AccountSnapshot, UploadedFiles } from '../upstream/index.js';
import { FileCreation } from './file-creation.service.js';

const caller = { keyId: 'key', keyLabel: 'ci', pool: { id: POOL } } as unknown as Principal;
const alice = { id: 'alice' as AccountId } as AccountSnapshot;
const GIVEN = { file_id: 'file_1', upload_url: 'https://files.blob.example.com/u?sig=1', error: 'none' };

describe('announcing a file to an account', () => {
  const stored: unknown[] = [];
  const looked: string[] = [];
  beforeEach(() => {
    stored.length = 0;
    looked.length = 0;
  });

  const announce = async (given: Buffer, addresses: readonly string[], leave?: AbortController) => {
    const accounts = {
      open: async () => ({ ...emptyAnswer(), batches: from([jsonEvent(given)]), failureOf: () => undefined }),
    };
    const files = { announced: async (file: object) => stored.push(file) > 0 };
    const hosts = {
      addresses: async (host: string) => {
        looked.push(host);
        leave?.abort(new Error('left'));
        return addresses;
      },
    };
    const creation = new FileCreation(
      accounts as unknown as AccountPoolService,
      files as unknown as UploadedFiles,
      hosts,
      { UPSTREAM_BASE_URL: 'https://chatgpt.com/backend-api' },
    );
    const { signal } = leave ?? new AbortController();
    const answer = await creation
      .opener(caller, 1234)
      .open(alice, aCall({ operation: 'files_create' }), signal, () => undefined);
    return collect(answer.batches);
  };
  const refusal = (given: Buffer, addresses: readonly string[] = ['1.1.1.1']): Promise<Partial<GatewayError>> =>
    announce(given, addresses).then(
      () => ({ message: 'nothing was refused' }),
      (error: unknown) => error as GatewayError,
    );
  const bytes = (over: object = {}) => Buffer.from(JSON.stringify({ ...GIVEN, ...over }));

  it('looks at the addresses of the upload host, stores who holds the file, and gives the answer on as it is', async () => {
    const [batch, ...more] = await announce(bytes(), ['1.1.1.1', '2606:4700::1111']);
    expect([batch?.raw.toString(), more]).toEqual([JSON.stringify(GIVEN), []]);
    // Nothing in it is a response, or a failed one.
    expect(batch?.events.map(({ type, json }) => [type, json()])).toEqual([['file', undefined]]);
    expect(looked).toEqual(['files.blob.example.com']);
    expect(stored).toEqual([{ fileId: 'file_1', accountId: 'alice', poolId: POOL, keyId: 'key', sizeBytes: 1234 }]);
  });

  it('looks up nothing on the upstream’s own origin', async () => {
    await announce(bytes({ upload_url: 'https://chatgpt.com/u' }), []);
    expect([looked, stored.length]).toEqual([[], 1]);
  });

  it.each([
    ['one address that is private', ['1.1.1.1', '10.0.0.1']],
    ['a loopback address that is mapped', ['::ffff:127.0.0.1']],
    ['an address of the cloud it runs in', ['169.254.169.254']],
    ['no address', []],
  ])('refuses an upload host with %s, and stores nothing', async (_, addresses) => {
    expect((await refusal(bytes(), addresses)).code).toBe('upstream_file_bridge_invalid_response');
    expect([looked.length, stored]).toEqual([1, []]);
  });

  it.each([
    ['no object', Buffer.from('[]')],
    ['no JSON', Buffer.from('data: {}\n\n')],
    ['nothing', Buffer.alloc(0)],
    ['more than a megabyte', bytes({ more: 'x'.repeat(1024 * 1024) })],
  ])('refuses an answer that is %s', async (_, given) => {
    expect((await refusal(given)).code).toBe('upstream_file_bridge_invalid_response');
    expect([looked, stored]).toEqual([[], []]);
  });

  it('stores nothing for a client that has left', async () => {
    await expect(announce(bytes(), ['1.1.1.1'], new AbortController())).rejects.toThrow('left');
    expect(stored).toEqual([]);
  });
});

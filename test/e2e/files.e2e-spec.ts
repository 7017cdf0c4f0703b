import { randomUUID } from 'node:crypto';
import { KeyAdminService } from '../../src/auth/index.js';
import { bearer, FileClient, idOf, refusal } from '../support/file-client.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import {
  burst429,
  failBeforeHeaders,
  json,
  overloaded503,
  raw,
  ScriptedUpstream,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
upstream.script = () => hello();
const gateway = useGateway({ upstream });
const files = new FileClient(gateway, upstream);

afterEach(() => {
  upstream.files.script = undefined;
});

describe('announcing a file', () => {
  it('sends the client’s own bytes upstream and its answer back byte for byte', async () => {
    const sent = `{"file_size":1234, "use_case":"codex","file_name":"${files.name}","more":1.0}`;
    const given = '{ "file_id":"file_1","upload_url":"ORIGIN/u?sig=%2F", "extra":{"n":1.0} }';
    upstream.files.script = () => raw([given.replace('ORIGIN', upstream.url)], { 'content-type': 'application/json' });

    const answer = await files.announce(sent, {
      headers: { originator: 'codex_cli_rs', 'user-agent': 'codex_cli_rs/0.169.0' },
    });

    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await answer.text()).toBe(given.replace('ORIGIN', upstream.url));
    const request = upstream.requests('files').at(-1);
    expect(request?.body.toString()).toBe(sent);
    expect(['originator', 'user-agent', 'content-type'].map((name) => request?.header(name))).toEqual([
      'codex_cli_rs',
      'codex_cli_rs/0.169.0',
      'application/json',
    ]);
  });

  it('says that it is for Codex when the client does not say what it is for', async () => {
    await files.announce({ file_name: files.name, file_size: 7 });
    expect(upstream.requests('files').at(-1)?.json()).toEqual({
      file_name: files.name,
      file_size: 7,
      use_case: 'codex',
    });
  });

  it('keeps who holds it, and neither its name nor where it goes', async () => {
    const id = await files.announced();
    const [row] = await files.rowsOf(id);
    expect(row).toMatchObject({ file_id: id, pool_id: gateway.pool.id, size_bytes: '1234', status: 'pending_upload' });
    expect(row).toMatchObject({ sealed_name: null, purpose: null });
    const { created_at: createdAt, expires_at: expiresAt } = row as { created_at: Date; expires_at: Date };
    expect(expiresAt.getTime() - createdAt.getTime()).toBe(24 * 60 * 60 * 1000);
    expect(Object.keys(row ?? {}).sort()).toEqual(
      [
        ...['account_id', 'created_at', 'expires_at', 'file_id', 'key_id', 'pool_id', 'purpose', 'sealed_name'],
        ...['size_bytes', 'status'],
      ].sort(),
    );
  });

  it('is one call of the ledger, without a model', async () => {
    const row = await files.settled(await files.announce());
    expect(row).toMatchObject({
      status: 'succeeded',
      model: '',
      route: '/backend-api/files',
      transport: 'http_json',
      http_status: 200,
      attempt_count: 1,
      usage_known: false,
    });
  });

  it.each([
    ['without a name', { file_size: 1 }, 'file_name'],
    ['with a blank name', { ...files.file, file_name: ' ' }, 'file_name'],
    ['without a size', { file_name: files.name }, 'file_size'],
    ['without anything', '', 'file_name'],
    ['of nothing', { ...files.file, file_size: 0 }, 'file_size'],
    ['of less than nothing', { ...files.file, file_size: -1 }, 'file_size'],
    ['of half a byte', { ...files.file, file_size: 0.5 }, 'file_size'],
    ['of more than 25 MiB', { ...files.file, file_size: 25 * 1024 * 1024 + 1 }, 'file_size'],
    ['in a list', '[]', null],
    ['in broken JSON', '{"file_name":', null],
  ])('%s is refused before anybody is asked', async (_, body, param) => {
    const before = upstream.count('files');
    expect(await refusal(await files.announce(body))).toEqual([400, 'invalid_request', param]);
    expect(upstream.count('files')).toBe(before);
  });

  it.each([
    ['multipart/form-data; boundary=x', 'unsupported_multipart_file_create'],
    ['text/plain', 'invalid_request'],
  ])('as %s is refused: %s', async (type, code) => {
    const before = upstream.count('files');
    const body = `--x\r\ncontent-disposition: form-data; name="file"; filename="${files.name}"\r\n\r\nsecret\r\n--x--\r\n`;
    expect(await refusal(await files.announce(body, { headers: { 'content-type': type } }))).toEqual([400, code, null]);
    expect(upstream.count('files')).toBe(before);
  });

  it('needs a key, whatever its body is', async () => {
    const before = upstream.count('files');
    const type = { 'content-type': 'multipart/form-data; boundary=x' };
    for (const headers of [bearer('sk-nothing'), { ...bearer('sk-nothing'), ...type }]) {
      expect(await refusal(await files.announce('{', { headers }))).toEqual([401, 'api_key_missing', null]);
      expect(await refusal(await files.finish('file_1', { headers }))).toEqual([401, 'api_key_missing', null]);
    }
    expect(upstream.count('files')).toBe(before);
  });

  it.each([
    ['a URL on this machine', { upload_url: 'https://127.0.0.1/u' }],
    ['a URL on this machine, mapped', { upload_url: 'https://[::ffff:7f00:1]/u' }],
    ['a URL of the cloud it runs in', { upload_url: 'https://169.254.169.254/u' }],
    ['a URL in a private network, as one number', { upload_url: 'https://167772161/u' }],
    ['a name that is this machine', { upload_url: 'https://localhost/u' }],
    ['no TLS', { upload_url: 'http://1.1.1.1/u' }],
    ['credentials', { upload_url: 'https://user:secret@1.1.1.1/u' }],
    ['no URL', { upload_url: null }],
    ['no id', { file_id: undefined }],
    ['an id with a path in it', { file_id: '../file_1' }],
    ['an id that is none', { file_id: 7 }],
  ])('is refused when the upstream answers with %s, and nothing is stored', async (_, over) => {
    const id = `file_${randomUUID()}`;
    const given = { file_id: id, upload_url: 'https://1.1.1.1/u', status: 'success', ...over };
    upstream.files.script = () => json(200, given);
    const before = upstream.count('files');

    const answer = await files.announce();

    expect(await refusal(answer)).toEqual([502, 'upstream_file_bridge_invalid_response', null]);
    expect(upstream.count('files')).toBe(before + 1);
    expect(await files.rowsOf(id)).toEqual([]);
    expect(await files.settled(answer)).toMatchObject({
      status: 'failed',
      error_code: 'upstream_file_bridge_invalid_response',
      http_status: 502,
    });
  });

  it('may send the client to a public address', async () => {
    upstream.files.script = () => json(200, { file_id: `file_${randomUUID()}`, upload_url: 'https://1.1.1.1/u' });
    expect((await files.announce()).status).toBe(200);
  });

  it('never gives a file to a second owner', async () => {
    const id = await files.announced();
    const before = await files.rowsOf(id);
    upstream.files.script = () => json(200, { file_id: id, upload_url: `${upstream.url}/u` });
    const { token } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID());
    expect(await refusal(await files.announce(files.file, { headers: bearer(token) }))).toEqual([
      502,
      'upstream_file_bridge_invalid_response',
      null,
    ]);
    expect(await files.rowsOf(id)).toEqual(before);
  });

  it.each([
    ['is overloaded', overloaded503()],
    ['limits the account for a moment', burst429()],
    ['hangs up', failBeforeHeaders()],
  ])('goes to another account when the upstream %s', async (_, failure) => {
    const pool = await newPool(gateway, upstream, [{}, {}]);
    let failed: string | undefined;
    upstream.files.script = (request) => {
      if (failed !== undefined) return undefined;
      failed = request.accountId;
      return failure;
    };
    const answer = await files.announce(files.file, { headers: bearer(pool.key) });
    const id = await idOf(answer);
    expect([answer.status, (await files.rowsOf(id)).length]).toEqual([200, 1]);
    expect((await files.settled(answer))['attempt_count']).toBe(2);
    expect((await files.finish(id, { headers: bearer(pool.key) })).status).toBe(200);
    expect(files.about(id).at(-1)?.accountId).not.toBe(failed);
  });

  it('renews a token that was refused', async () => {
    const pool = await newPool(gateway, upstream, [{}]);
    pool.accounts[0]?.revoke();
    expect((await files.announce(files.file, { headers: bearer(pool.key) })).status).toBe(200);
  });

  it('prefers the account that served the key last: its conversation and its files stay together', async () => {
    const pool = await newPool(gateway, upstream, [{}, {}, {}]);
    const headers = bearer(pool.key);
    const turned = await pool.post(ask());
    await turned.text();
    const first = upstream.received.at(-1)?.accountId;
    const own = pool.accounts.find(({ id }) => id === first);
    if (own) own.primary.usedPercent = 60;
    await files.settled(turned);
    for (let n = 0; n < 3; n += 1) {
      const answer = await files.announce(files.file, { headers });
      expect([answer.status, files.holder()]).toEqual([200, first]);
      await files.settled(answer);
    }
  });
});

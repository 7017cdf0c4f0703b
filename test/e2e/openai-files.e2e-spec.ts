import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { attemptsOf, jsonOf, settlementOf } from '../support/calls.js';
import { databaseTexts, sightings } from '../support/everything-stored.js';
import { fileIn, refusal } from '../support/file-client.js';
import { FormClient, formOf, type FileObject } from '../support/form-client.js';
import { hello, useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import { connectTo } from '../support/raw-calls.js';
import { failBeforeHeaders, json, overloaded503, raw, ScriptedUpstream } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
upstream.script = () => hello();
const lines: string[] = [];
const gateway = useGateway({ upstream, logs: (line) => lines.push(line) });

const PATH = '/v1/files';
const LIMIT_BYTES = 25 * 1024 * 1024;
const client = new FormClient(gateway);
const DAY_S = 24 * 60 * 60;

const statusOf = async (id: string): Promise<unknown> => {
  const rows = await gateway
    .database()
    .query<{ status: string }[]>('SELECT status FROM uploaded_file WHERE file_id = $1', [id]);
  return rows[0]?.status;
};

/** By the names that form parsers give their files; others use the same folder. */
const temporaryUploads = (): string[] =>
  readdirSync(tmpdir()).filter((entry) => /upload|multipart|busboy|formidable/i.test(entry));

afterEach(() => {
  upstream.files.script = undefined;
  upstream.files.uploadScript = undefined;
});

describe('POST /v1/files', () => {
  it('announces the file, brings its bytes to where the upstream wants them, and finishes it', async () => {
    const answer = await client.post(client.userData());

    const { id, created_at: createdAt, ...rest } = (await answer.json()) as FileObject;
    expect(answer.status).toBe(200);
    expect(rest).toEqual({
      object: 'file',
      bytes: client.bytes.length,
      filename: 'Müll "1".pdf',
      purpose: 'user_data',
      status: 'uploaded',
      expires_at: createdAt + DAY_S,
    });
    const [announced, finished] = upstream.requests('files').slice(-2);
    expect(announced?.json()).toEqual({ file_name: 'Müll "1".pdf', file_size: client.bytes.length, use_case: 'codex' });
    expect([announced?.header('originator'), announced?.header('cookie')]).toEqual(['codex-pooler', undefined]);
    expect(finished?.path).toBe(`/backend-api/files/${id}/uploaded`);
    const put = upstream.requests('upload').at(-1);
    expect([put?.path, put?.query, put?.body]).toEqual([`/upload/${id}`, 'sig=simulated', client.bytes]);
    expect(put?.headers.map(([name]) => name.toLowerCase()).sort()).toEqual([
      'connection',
      'content-length',
      'content-type',
      'host',
      'x-ms-blob-type',
    ]);
    expect(['content-type', 'x-ms-blob-type'].map((name) => put?.header(name))).toEqual([
      'application/pdf',
      'BlockBlob',
    ]);
  });

  it('takes its parts in any order, and files without name or type', async () => {
    const body = formOf(['purpose', 'assistants'], ['file', client.file(client.bytes, '', '')]);
    expect(await client.uploaded(body)).toMatchObject({
      filename: expect.any(String) as string,
      purpose: 'assistants',
    });
    expect(upstream.requests('upload').at(-1)?.header('content-type')).toBe('application/octet-stream');
  });

  it('keeps only the last part of a path', async () => {
    expect(await client.uploaded(client.userData(client.file(client.bytes, '../../etc/passwd')))).toMatchObject({
      filename: 'passwd',
    });
    expect(await client.uploaded(client.userData(client.file(client.bytes, 'C:\\mine\\a.pdf')))).toMatchObject({
      filename: 'a.pdf',
    });
  });

  it('is one call of the ledger', async () => {
    expect(await settlementOf(gateway, await client.post(client.userData()))).toMatchObject({
      route: PATH,
      dialect: 'openai',
      model: '',
      outcome: 'succeeded',
      attempt_count: 1,
      http_status: 200,
      usage_known: false,
    });
  });

  it('waits while the upstream says to ask again', async () => {
    upstream.files.retries = 2;
    expect(await client.uploaded()).toMatchObject({ status: 'uploaded' });
  });

  it('makes a file that requests may refer to', async () => {
    const { id } = await client.uploaded();
    const answer = await gateway.post(fileIn(id));
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('response.completed')]);
    expect(upstream.received.at(-1)?.accountId).toBe(upstream.requests('files').at(-1)?.accountId);
  });

  it.each([
    ['without a file', formOf(['purpose', 'user_data']), 'invalid_request', 'file'],
    ['with an empty file', client.userData(client.file(Buffer.alloc(0))), 'invalid_request', 'file'],
    [
      'with two files',
      formOf(['file', client.file()], ['file', client.file()], ['purpose', 'vision']),
      'invalid_request',
      'file',
    ],
    [
      'with a name that is too long',
      client.userData(client.file(client.bytes, 'x'.repeat(256))),
      'invalid_request',
      'file',
    ],
    ['without a purpose', formOf(['file', client.file()]), 'invalid_request', 'purpose'],
    ['with an unknown purpose', formOf(['file', client.file()], ['purpose', 'mine']), 'invalid_request', 'purpose'],
    [
      'with another field',
      formOf(['file', client.file()], ['purpose', 'vision'], ['x', '1']),
      'unsupported_parameter',
      'x',
    ],
    ['as text', 'no form', 'invalid_request', 'file'],
  ])('is refused %s, before anybody is asked', async (_, body, code, param) => {
    const before = [upstream.count('files'), (await gateway.ledger()).length];
    expect(await refusal(await client.post(body))).toEqual([400, code, param]);
    expect([upstream.count('files'), (await gateway.ledger()).length]).toEqual(before);
  });

  it('takes 25 MiB and not one byte more', async () => {
    expect(await client.uploaded(client.userData(client.file(Buffer.alloc(LIMIT_BYTES, 'x'))))).toMatchObject({
      bytes: LIMIT_BYTES,
    });
    const before = upstream.count('files');
    const refused = await client.post(client.userData(client.file(Buffer.alloc(LIMIT_BYTES + 1, 'x'))));
    expect(await refusal(refused)).toEqual([413, 'request_too_large', 'file']);
    expect(upstream.count('files')).toBe(before);
  });

  it.each([
    ['refuses it', json(403, { error: 'AuthenticationFailed' })],
    ['breaks down', json(500, {})],
    ['redirects', raw([], { location: 'http://127.0.0.1:9/' }, 307)],
    ['hangs up', failBeforeHeaders()],
  ])('is 502, and the file is abandoned, when the store %s', async (_, reply) => {
    let id = '';
    upstream.files.uploadScript = ({ path }) => {
      id = path.split('/').at(-1) ?? '';
      return reply;
    };
    const before = upstream.count('files');

    const answer = await client.post(client.userData());

    expect(await refusal(answer)).toEqual([502, 'upstream_file_upload_failed', null]);
    expect(upstream.count('files')).toBe(before + 1);
    expect(await statusOf(id)).toBe('abandoned');
    expect(await refusal(await client.get(`/${id}`))).toEqual([404, 'file_not_found', null]);
    expect(await refusal(await gateway.post(fileIn(id)))).toEqual([404, 'file_not_found', 'file_id']);
    expect(await settlementOf(gateway, answer)).toMatchObject({
      outcome: 'failed',
      error_code: 'upstream_file_upload_failed',
    });
  });

  it('is 502 when the upstream does not take the file in the end', async () => {
    upstream.files.script = ({ path }) => (path.endsWith('/uploaded') ? json(200, { status: 'failed' }) : undefined);
    expect(await refusal(await client.post(client.userData()))).toEqual([502, 'upstream_file_upload_failed', null]);
  });

  it.each([
    ['at its announcement', (path: string) => path === '/backend-api/files'],
    ['at its end', (path: string) => path.endsWith('/uploaded')],
  ])('goes to another account, whole, when one fails %s', async (_, fails) => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    let failed: string | undefined;
    upstream.files.script = ({ path, accountId }) => {
      if (failed !== undefined || !fails(path)) return undefined;
      failed = accountId;
      return overloaded503();
    };
    const answer = await client.post(client.userData(), team.key);
    expect(await jsonOf(answer)).toMatchObject({ status: 200, body: { status: 'uploaded' } });
    expect(upstream.requests('upload').at(-1)?.body).toEqual(client.bytes);
    expect(await attemptsOf(gateway, await settlementOf(gateway, answer))).toHaveLength(2);
    expect((await client.listed('', team.key)).data).toHaveLength(1);
  });

  it.each(['https://127.0.0.1/u', 'https://169.254.169.254/u', 'https://localhost/u', 'http://1.1.1.1/u'])(
    'never sends it to %s',
    async (uploadUrl) => {
      const id = `file_${randomUUID()}`;
      upstream.files.script = () => json(200, { status: 'success', file_id: id, upload_url: uploadUrl });
      expect(await refusal(await client.post(client.userData()))).toEqual([
        502,
        'upstream_file_bridge_invalid_response',
        null,
      ]);
      expect(await statusOf(id)).toBeUndefined();
    },
  );

  it('tells what the upstream has against it', async () => {
    upstream.files.script = () => json(400, { error: { message: 'No such type.', code: 'bad_type' } });
    expect(await refusal(await client.post(client.userData()))).toEqual([400, 'bad_type', null]);
  });

  it('reads no byte of a caller that it does not know, and makes no temporary file (trap 56)', async () => {
    const before = temporaryUploads();
    const connection = await connectTo(gateway);
    const head = ['POST /v1/files HTTP/1.1', 'host: gateway', 'content-type: multipart/form-data; boundary=x'];
    connection.send([...head, 'content-length: 20000000', '', ''].join('\r\n'));
    expect((await connection.until('invalid_api_key')).status).toBe(401);
    connection.close();
    expect(temporaryUploads()).toEqual(before);
  });

  it('leaves nothing of the file on disk, in a row or in a log', async () => {
    const [name, content] = [randomUUID(), randomUUID()];
    const before = temporaryUploads();
    const secret = client.file(Buffer.from(content), `${name}.pdf`);
    const { id } = await client.uploaded(client.userData(secret));
    expect(await client.uploaded(client.userData(secret))).toMatchObject({ filename: `${name}.pdf` });
    upstream.files.uploadScript = () => json(500, { error: name });
    await settlementOf(gateway, await client.post(client.userData(secret)));
    await client.get(`/${id}`);
    const secrets = new Map([
      ['name', name],
      ['content', content],
    ]);
    const kept = new Map([...(await databaseTexts(gateway.database())), ['logs', lines.join('\n')]]);
    expect(sightings(secrets, kept)).toEqual([]);
    expect(temporaryUploads()).toEqual(before);
  });
});

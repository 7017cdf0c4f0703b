import { randomUUID } from 'node:crypto';
import { KeyAdminService } from '../../src/auth/index.js';
import { jsonOf } from '../support/calls.js';
import { bearer, refusal } from '../support/file-client.js';
import { FormClient, type FileObject } from '../support/form-client.js';
import { useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });
const client = new FormClient(gateway);

const newKey = async (): Promise<string> =>
  (await gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID())).token;

describe('the files of a key', () => {
  it('are listed with their names, newest first, page by page', async () => {
    const key = await newKey();
    const made: FileObject[] = [];
    for (const name of ['1.pdf', '2.pdf', '3.pdf'])
      made.push(await client.uploaded(client.userData(client.file(client.bytes, name)), key));
    const [one, two, three] = made;
    expect(await client.listed('', key)).toEqual({
      object: 'list',
      data: [three, two, one],
      first_id: three?.id,
      last_id: one?.id,
      has_more: false,
    });
    expect(await client.listed('?limit=2', key)).toMatchObject({ data: [three, two], has_more: true });
    expect(await client.listed(`?after=${two?.id ?? ''}`, key)).toMatchObject({ data: [one], has_more: false });
    expect(await client.listed(`?order=asc&after=${two?.id ?? ''}`, key)).toMatchObject({ data: [three] });
    expect(await client.listed('?after=file_unknown', key)).toMatchObject({ data: [three, two, one] });
    expect(await client.listed('?purpose=vision', key)).toEqual({
      object: 'list',
      data: [],
      first_id: null,
      last_id: null,
      has_more: false,
    });
  });

  it.each([
    ['?limit=0', 'limit'],
    ['?limit=many', 'limit'],
    ['?order=up', 'order'],
    ['?after=a&after=b', 'after'],
  ])('are not listed by %s', async (query, param) => {
    expect(await refusal(await client.get(query))).toEqual([400, 'invalid_request', param]);
  });

  it('can be looked at one by one, until they are over', async () => {
    const made = await client.uploaded();
    expect(await jsonOf(await client.get(`/${made.id}`))).toEqual({ status: 200, body: made });
    await gateway.database().query('UPDATE uploaded_file SET expires_at = now() WHERE file_id = $1', [made.id]);
    expect(await refusal(await client.get(`/${made.id}`))).toEqual([404, 'file_not_found', null]);
  });

  it('have no content to read, and cannot be deleted', async () => {
    const { id } = await client.uploaded();
    const content = await client.get(`/${id}/content`, gateway.key, {
      headers: { ...bearer(gateway.key), accept: 'application/binary' },
    });
    expect([content.headers.get('content-type'), await refusal(content)]).toEqual([
      'application/json; charset=utf-8',
      [404, 'unsupported_endpoint', null],
    ]);
    const removed = await client.get(`/${id}`, gateway.key, { method: 'DELETE' });
    expect(await refusal(removed)).toEqual([404, 'unsupported_endpoint', null]);
    expect((await client.get(`/${id}`)).status).toBe(200);
  });

  it('are not there for anybody else', async () => {
    const { id } = await client.uploaded();
    const other = await newKey();
    const pool = await newPool(gateway, upstream, [{}]);
    for (const key of [other, pool.key]) {
      expect((await client.listed('', key)).data).toEqual([]);
      for (const [path, method] of [
        [`/${id}`, 'GET'],
        [`/${id}/content`, 'GET'],
        [`/${id}`, 'DELETE'],
        ['/file_unknown', 'DELETE'],
        ['/not%20an%20id', 'GET'],
      ] as const) {
        expect(await refusal(await client.get(path, key, { method }))).toEqual([404, 'file_not_found', null]);
      }
    }
  });

  it('are not those that a Codex client announced', async () => {
    const announced = await gateway.post({ file_name: 'a.pdf', file_size: 1 }, { path: '/backend-api/files' });
    const { file_id: id } = (await announced.json()) as { file_id: string };
    expect(await refusal(await client.get(`/${id}`))).toEqual([404, 'file_not_found', null]);
  });
});

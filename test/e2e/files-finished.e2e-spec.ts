import { randomUUID } from 'node:crypto';
import { KeyAdminService } from '../../src/auth/index.js';
import { bearer, FileClient, refusal } from '../support/file-client.js';
import { useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import { hang, json, overloaded503, raw, ScriptedUpstream } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });
const files = new FileClient(gateway, upstream);

afterEach(() => {
  upstream.files.script = undefined;
  upstream.files.retries = 0;
});

describe('finishing an upload', () => {
  it('asks the account that holds the file, with the client’s own body, and relays what it says', async () => {
    const id = await files.announced();
    const holder = files.holder();
    const given = '{"status":"success",  "size":1.0}';
    upstream.files.script = () => raw([given], { 'content-type': 'application/json' });

    const answer = await files.finish(id, {}, '{ "note":1.0 }');

    expect([answer.status, await answer.text()]).toEqual([200, given]);
    const [request] = files.about(id);
    expect([request?.accountId, request?.body.toString(), request?.path]).toEqual([
      holder,
      '{ "note":1.0 }',
      `/backend-api/files/${id}/uploaded`,
    ]);
    expect(await files.rowsOf(id)).toMatchObject([{ status: 'uploaded' }]);
  });

  it('takes no body for an empty one', async () => {
    const id = await files.announced();
    expect((await files.finish(id, {}, '')).status).toBe(200);
    expect(files.about(id)[0]?.body.length).toBe(0);
  });

  it('asks again while the upstream says so, as one call with one attempt', async () => {
    const id = await files.announced();
    upstream.files.retries = 2;
    const answer = await files.finish(id);
    expect([answer.status, await answer.json()]).toMatchObject([200, { status: 'success' }]);
    const times = files.about(id).map(({ receivedAtMs }) => receivedAtMs);
    expect(times).toHaveLength(3);
    expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(490);
    expect(await files.settled(answer)).toMatchObject({
      status: 'succeeded',
      attempt_count: 1,
      route: '/backend-api/files/:id/uploaded',
    });
  });

  it('stops asking when the client leaves, and says so once', async () => {
    const id = await files.announced();
    const held = hang();
    upstream.files.script = () => held;
    const leaving = new AbortController();
    const requestId = `left-${randomUUID()}`;
    const asking = files.finish(id, { signal: leaving.signal, headers: { 'x-request-id': requestId } });
    asking.catch(() => undefined);
    const asked = await held.opened;
    leaving.abort();
    await asked.aborted;
    const row = await files.settledAs(requestId);
    expect(row).toMatchObject({ outcome: 'cancelled', error_code: 'client_disconnected' });
    expect(files.about(id)).toHaveLength(1);
    expect(await files.rowsOf(id)).toMatchObject([{ status: 'pending_upload' }]);
  });

  it('leaves a file unfinished that the upstream does not take', async () => {
    const id = await files.announced();
    upstream.files.script = () => json(200, { status: 'failed', error: 'bad file', error_code: 'x' });
    const answer = await files.finish(id);
    expect([answer.status, await answer.json()]).toMatchObject([200, { status: 'failed' }]);
    expect(await files.rowsOf(id)).toMatchObject([{ status: 'pending_upload' }]);
  });

  it('of an unknown, a foreign or an expired file finds nothing, and asks nobody', async () => {
    const before = upstream.count('files') + 2;
    const foreign = await files.announced();
    const expired = await files.announced();
    await files.expire(expired);
    const { token } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID());
    const elsewhere = await newPool(gateway, upstream, [{}]);
    const NOT_FOUND = [404, 'file_not_found', null];

    expect(await refusal(await files.finish('file_unknown'))).toEqual(NOT_FOUND);
    expect(await refusal(await files.finish('..%252f1'))).toEqual(NOT_FOUND);
    expect(await refusal(await files.finish(expired))).toEqual(NOT_FOUND);
    expect(await refusal(await files.finish(foreign, { headers: bearer(token) }))).toEqual(NOT_FOUND);
    expect(await refusal(await files.finish(foreign, { headers: bearer(elsewhere.key) }))).toEqual(NOT_FOUND);
    expect(upstream.count('files')).toBe(before);
  });

  it('is refused while the account that holds the file cannot serve', async () => {
    const pool = await newPool(gateway, upstream, [{}, {}]);
    const headers = bearer(pool.key);
    const id = await files.announced({ headers });
    await files.setAccount(files.holder(), 'paused');
    const answer = await files.finish(id, { headers });
    expect(await refusal(answer)).toEqual([503, 'pinned_continuation_unavailable', 'model']);
    expect(files.about(id)).toEqual([]);
  });

  it('is never asked of a second account', async () => {
    const id = await files.announced();
    upstream.files.script = () => overloaded503();
    expect((await files.finish(id)).status).toBe(503);
    expect(files.about(id)).toHaveLength(1);
  });
});

import { randomUUID } from 'node:crypto';
import { AccountService } from '../../src/upstream/index.js';
import { UsageProbe } from '../../src/upstream/quota/usage-probe.service.js';
import { CodexSocket, eventOf, refusedWith, turn, typeOf } from '../support/codex-socket.js';
import { eventually } from '../support/eventually.js';
import { databaseTexts, redisTexts, sightings } from '../support/everything-stored.js';
import { bearer, FileClient, fileIn, refusal } from '../support/file-client.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import { useSpans } from '../support/recorded-spans.js';
import { useRedis } from '../support/redis.js';
import { overloaded503, ScriptedUpstream } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
upstream.script = () => hello();
const redis = useRedis();
const spans = useSpans();
const lines: string[] = [];
const gateway = useGateway({ upstream, redis, replicas: 2, logs: (line) => lines.push(line) });
const files = new FileClient(gateway, upstream);

const accountOf = async (answer: Response): Promise<string | undefined> => {
  await answer.text();
  expect(answer.status).toBe(200);
  return upstream.received.at(-1)?.accountId;
};

describe('a request that refers to a file', () => {
  let pool: TestPool;
  let headers: Record<string, string>;
  beforeEach(async () => {
    pool = await newPool(gateway, upstream, [{}, {}]);
    headers = bearer(pool.key);
  });

  /** Makes the account that holds the last file look worse than the other one, so that nothing else would go there. */
  const burden = async (replica = 0): Promise<void> => {
    const own = pool.accounts.find(({ id }) => id === files.holder());
    if (own === undefined) throw new Error('The account of the last file is not of this Pool.');
    own.primary.usedPercent = 80;
    const account = await gateway.get(AccountService).findByLabel(own.id);
    if (account) await gateway.get(UsageProbe).run(account.id, Date.now);
    await eventually(async () => {
      await (await pool.post(ask({ prompt_cache_key: randomUUID() }), { replica })).text();
      expect(upstream.received.at(-1)?.accountId).not.toBe(files.holder());
    });
  };

  it.each([
    ['a message', (id: string) => fileIn(id)],
    [
      'an image',
      (id: string) => ask({ input: [{ type: 'message', content: [{ type: 'input_image', file_id: id }] }] }),
    ],
    [
      'what a tool gave back',
      (id: string) =>
        ask({ input: [{ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_file', file_id: id }] }] }),
    ],
  ])('goes to the account that holds it: %s', async (_, request) => {
    const id = await files.uploaded({ headers });
    const held = files.holder();
    await burden();
    expect(await accountOf(await pool.post(request(id)))).toBe(held);
    expect(upstream.received.at(-1)?.body.toString()).toBe(JSON.stringify(request(id)));
  });

  it('does so wherever its session was before, and whichever gateway is asked', async () => {
    const id = await files.uploaded({ headers, replica: 0 });
    const held = files.holder();
    await burden(1);
    const session = { 'session-id': randomUUID() };
    const other = await accountOf(await pool.post(ask(), { headers: session, replica: 1 }));
    expect(await accountOf(await pool.post(fileIn(id), { headers: session, replica: 1 }))).toBe(held);
    expect(other).not.toBe(held);
  });

  it('can be finished and used on another gateway than the one that announced it', async () => {
    const id = await files.announced({ headers, replica: 0 });
    expect((await files.finish(id, { headers, replica: 1 })).status).toBe(200);
    expect(await accountOf(await pool.post(fileIn(id), { replica: 0 }))).toBe(files.holder());
  });

  it('is refused while the upload is not finished, and asks nobody', async () => {
    const id = await files.announced({ headers });
    const before = upstream.count('responses');
    const answer = await pool.post(fileIn(id));
    expect(await refusal(answer)).toEqual([409, 'file_not_ready', 'file_id']);
    expect(upstream.count('responses')).toBe(before);
    expect(await files.settled(answer)).toMatchObject({
      status: 'failed',
      attempt_count: 0,
      error_code: 'file_not_ready',
    });
  });

  it('is refused when it knows none, another key’s or an expired one, before its model is looked at', async () => {
    const own = await files.uploaded({ headers });
    const foreign = await files.uploaded();
    const expired = await files.uploaded({ headers });
    await files.expire(expired);
    const before = upstream.count('responses');
    for (const ids of [['file_unknown'], [own, foreign], [expired], ['']]) {
      expect(await refusal(await pool.post({ ...fileIn(...ids), model: 'no-such-model' }))).toEqual([
        404,
        'file_not_found',
        'file_id',
      ]);
    }
    expect(upstream.count('responses')).toBe(before);
  });

  it('cannot have files of two accounts', async () => {
    const first = await files.uploaded({ headers });
    const held = files.holder();
    await files.setAccount(held, 'paused');
    const second = await files.uploaded({ headers });
    expect(files.holder()).not.toBe(held);
    await files.setAccount(held, 'active');
    const before = upstream.count('responses');
    expect(await refusal(await pool.post(fileIn(first, second)))).toEqual([409, 'file_assignment_conflict', 'file_id']);
    expect(upstream.count('responses')).toBe(before);
  });

  it('is never moved to an account that does not hold it', async () => {
    const id = await files.uploaded({ headers });
    const held = files.holder();
    upstream.replyWith(overloaded503());
    const answer = await pool.post(fileIn(id));
    expect(answer.status).toBe(503);
    await answer.text();
    expect(await files.settled(answer)).toMatchObject({ attempt_count: 1 });
    expect(upstream.received.at(-1)?.accountId).toBe(held);
    await files.setAccount(held, 'paused');
    expect(await refusal(await pool.post(fileIn(id)))).toEqual([503, 'pinned_continuation_unavailable', 'model']);
  });

  it('is a turn of a websocket as well', async () => {
    const id = await files.uploaded({ headers });
    const held = files.holder();
    await burden();
    const socket = await CodexSocket.open(gateway, { key: pool.key });
    const { input } = fileIn(id);
    expect((await socket.ask(turn({ input }))).map(typeOf).at(-1)).toBe('response.completed');
    expect(upstream.received.at(-1)?.accountId).toBe(held);
    const { input: unknown } = fileIn('file_unknown');
    const [refused = ''] = await socket.ask(turn({ input: unknown }));
    expect(eventOf(refused)).toEqual(refusedWith(404, 'file_not_found', 'file_id'));
    socket.drop();
  });

  it('makes a websocket start anew that goes on from an account which does not hold it', async () => {
    const id = await files.uploaded({ headers });
    const held = files.holder();
    await burden();
    const socket = await CodexSocket.open(gateway, { key: pool.key });
    const last = eventOf((await socket.ask(turn())).at(-1) ?? '{}') as { response?: { id?: string } };
    expect(upstream.received.at(-1)?.accountId).not.toBe(held);
    const before = upstream.count('responses');
    const { input } = fileIn(id);
    const [refused = ''] = await socket.ask(turn({ input, previous_response_id: last.response?.id }));
    expect(eventOf(refused)).toEqual(refusedWith(400, 'websocket_connection_limit_reached'));
    expect(upstream.count('responses')).toBe(before);
    socket.drop();
  });
});

it('keeps the name of a file nowhere', async () => {
  await eventually(async () => {
    expect((await gateway.ledger()).filter(({ status }) => status === 'in_flight')).toEqual([]);
  });
  expect(upstream.requests('files').filter(({ body }) => body.includes(files.name)).length).toBeGreaterThan(0);
  const secrets = new Map([['the name of a file', files.name]]);
  const traced = spans.ended().map(({ name, attributes, events, status }) => {
    return JSON.stringify({ name, attributes, events, status });
  });
  expect(traced.join()).toContain('files_create');
  const texts = new Map([
    ...(await databaseTexts(gateway.database())),
    ...(await redisTexts(redis.url())),
    ['logs', lines.join('\n')],
    ['spans', traced.join('\n')],
  ]);
  expect(sightings(secrets, texts)).toEqual([]);
});

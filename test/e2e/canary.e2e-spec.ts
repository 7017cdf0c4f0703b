import { randomBytes, randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { KeyAdminService } from '../../src/auth/index.js';
import { QUEUES } from '../../src/platform/queue/index.js';
import { AccountService } from '../../src/upstream/index.js';
import { CATALOG_JOB } from '../../src/upstream/jobs.js';
import { answerWith, askOnSocket, bodyWith, canaries, failure500, headersWith } from '../support/canaries.js';
import { eventually } from '../support/eventually.js';
import { databaseTexts, everyText, sightings, type Texts } from '../support/everything-stored.js';
import { useGateway } from '../support/gateway.js';
import { queueAt } from '../support/queue-at.js';
import { useSpans } from '../support/recorded-spans.js';
import { useRedis } from '../support/redis.js';
import {
  createdThenFailed,
  errorEvent,
  failedFirstEvent,
  frames,
  hold,
  json,
  raw,
  ScriptedUpstream,
  type Reply,
} from '../support/scripted-upstream/index.js';

const redis = useRedis();
const spans = useSpans();
/** Of both gateways: the logger of a process writes to one place only. */
const lines: string[] = [];

describe.each([
  { stores: 'Postgres alone', shared: undefined },
  { stores: 'Postgres and Redis', shared: redis },
])('what a gateway on $stores keeps of its calls', ({ shared }) => {
  const { canary, secrets } = canaries();
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({
    upstream,
    logs: (line) => lines.push(line),
    ...(shared ? { redis: shared } : {}),
  });
  const label = `label-${randomUUID()}`;
  const logged = `logged-${randomUUID()}`;
  /** The outcome of each call, to see that the ways it was meant to go were gone. */
  const ways: Record<string, unknown> = {};
  let everything: Texts = new Map();
  let key = '';
  let settlements: ReturnType<typeof queueAt> | undefined;

  const post = (body: unknown, headers: Readonly<Record<string, string>> = {}, signal?: AbortSignal) =>
    gateway.post(body, {
      headers: { authorization: `Bearer ${key}`, ...headersWith(canary), ...headers },
      path: `/backend-api/codex/responses?q=${canary('query')}`,
      ...(signal ? { signal } : {}),
    });
  const way = async (name: string, replies: readonly Reply[], over: object = {}): Promise<void> => {
    upstream.replyWith(...replies);
    const response = await post(bodyWith(canary, over));
    await response.text().catch(() => undefined);
    ways[name] = response.status;
  };
  const answered = () => answerWith(canary);

  const allTexts = () => everyText({ gateway, redisUrl: shared?.url(), lines, spans: spans.ended() });
  const inQueue: unknown = expect.stringMatching(
    shared ? /^call in \{codex-pooler\}:settlement:/ : 'call in bullmq.job.data',
  );

  const served = async (): Promise<void> => {
    await way('streamed', [answered()]);
    await way('whole', [answered()], { stream: false });
    await way('failed over', [failure500(canary), answered()]);
    await way('cut', [raw([`data: {"type":"response.output_text.delta","delta":"${canary('cut answer')}"}\n\n`])]);
    const held = hold();
    upstream.replyWith(held);
    const leaving = new AbortController();
    const answering = post(bodyWith(canary), {}, leaving.signal);
    await held.start();
    await held.text(canary('abandoned answer'));
    ways['abandoned'] = (await answering).status;
    leaving.abort();
    await (
      await held.opened
    ).aborted;
  };

  const refused = async (): Promise<void> => {
    const text = { message: canary('refusal'), type: 'invalid_request_error', param: canary('refused field') };
    await way('refused', [json(400, { error: text })]);
    const told = { code: `no ${canary('socket code')}`, message: canary('socket failure') };
    upstream.replyWith(frames(JSON.stringify({ type: 'error', status: 400, error: told })));
    ways['refused on a socket'] = await askOnSocket(gateway, key, canary);
    await way('unsafe code', [json(400, { error: { code: `no ${canary('unsafe code')}`, message: 'No.' } })]);
    await way('broken', [failure500(canary), failure500(canary)]);
    const page = `<html>${canary('page')}</html>`;
    await way('page', [raw([page], { 'content-type': 'text/html' }), raw([page], { 'content-type': 'text/html' })]);
    await way('failed', [failedFirstEvent('server_error', canary('failure')), answered()]);
    await way('failed late', [createdThenFailed('invalid_prompt', canary('late failure'))]);
    await way('error event', [errorEvent('server_error', canary('error event')), answered()]);
    const limit = json(429, { error: { type: 'rate_limit_exceeded', message: canary('limit') } });
    await way('limited', [limit, limit]);
    ways['malformed'] = (await post(`{"input":["${canary('malformed')}`)).status;
    ways['no object'] = (await post([canary('no object')])).status;
    ways['wrong field'] = (await post(bodyWith(canary, { input: canary('wrong field') }))).status;
    const prefix = randomBytes(6).toString('hex');
    const unknown = `sk-cxp-${prefix}-${randomBytes(32).toString('base64url')}`;
    secrets.set('unknown key', unknown.slice(20));
    for (const token of [unknown, canary('no key'), `${key.slice(0, 19)}-${unknown.slice(20)}`])
      ways['bad key'] = (await post(bodyWith(canary), { authorization: `Bearer ${token}` })).status;
  };

  const lostLogins = async (): Promise<void> => {
    const [first, second] = gateway.accounts;
    if (!first || !second) throw new Error('There are two accounts.');
    keepTokens('rotated');
    upstream.tokenScript = () => json(500, { error_description: canary('login server') });
    first.revoke();
    second.revoke();
    await way('not renewed', []);
    await failedJob();
    upstream.tokenScript = () =>
      json(400, { error: 'invalid_grant', error_description: canary('dead login'), hint: canary('hint') });
    await way('logged out', []);
    const bad = JSON.stringify({ tokens: { access_token: canary('bad login'), refresh_token: canary('bad refresh') } });
    const rejected = await gateway
      .get(AccountService)
      .importAuthJson(bad, { label: 'bad' })
      .catch((error: unknown) => error);
    lines.push(String(rejected));
    ways['bad login'] = rejected instanceof Error;
  };

  /** A job whose account cannot be renewed either: the queue keeps why. */
  const failedJob = async (): Promise<void> => {
    const queue = queueAt(QUEUES.tokenRefresh, shared?.url(), gateway.databaseUrl());
    const [account] = await gateway.get(AccountService).list();
    await queue.add(CATALOG_JOB, { accountId: account?.id }, { attempts: 1 });
    await eventually(async () => expect(await queue.getFailedCount()).toBe(1));
    await queue.close();
  };

  const keepTokens = (generation: string): void => {
    for (const { id, login } of gateway.accounts) {
      secrets.set(`${generation} access token of ${id}`, login.accessToken);
      secrets.set(`${generation} refresh token of ${id}`, login.refreshToken);
      secrets.set(`${generation} id token of ${id}`, login.idToken);
      secrets.set(`${generation} claims of ${id}`, login.accessToken.split('.')[1] ?? '');
    }
  };

  beforeAll(async () => {
    ({ token: key } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, label));
    secrets.set('key', key.slice('sk-cxp-'.length + 13));
    keepTokens('imported');
    settlements = queueAt(QUEUES.settlement, shared?.url(), gateway.databaseUrl());
    await settlements.pause(); // so that its jobs stay to be looked at
    await served();
    for (const account of gateway.accounts) account.revoke(); // one renewal that goes well
    await way('renewed', []);
    await refused();
    await lostLogins();
    new Logger('canary').log(logged);
    await eventually(async () => {
      everything = await allTexts();
      for (const { id } of await gateway.ledger()) {
        expect(sightings(new Map([['call', id]]), everything)).toContainEqual(inQueue);
      }
    });
  }, 60_000);

  afterAll(async () => {
    await settlements?.close();
  });

  it('comes from calls that were served, refused, failed and abandoned', () => {
    expect(ways).toMatchObject({
      streamed: 200,
      whole: 200,
      'failed over': 200,
      cut: 200,
      abandoned: 200,
      renewed: 200,
      refused: 400,
      'unsafe code': 400,
      'refused on a socket': 'error',
      failed: 200,
      'failed late': 200,
      malformed: 400,
      'no object': 400,
      'wrong field': 400,
      'bad key': 401,
      'bad login': true,
    });
    const bodies = upstream.received.map(({ body }) => body.toString()).join('\n');
    expect(bodies).toContain(canary('prompt'));
    expect(upstream.tokenCalls).toBeGreaterThan(2);
  });

  it('is searched where something can be found: metadata is, in every place and every form', async () => {
    const database = gateway.database();
    await database.query(
      `CREATE TABLE planted AS SELECT convert_to($1, 'utf8') AS bytes,
                            encode(convert_to('x' || $1, 'utf8'), 'base64') AS encoded`,
      [label],
    );
    const planted = await databaseTexts(database);
    await database.query('DROP TABLE planted');
    const [call] = await gateway.ledger();
    const known = new Map([
      ['label', label],
      ['logged', logged],
      ['call', call?.id ?? ''],
    ]);
    expect(sightings(known, new Map([...everything, ...planted]))).toEqual(
      expect.arrayContaining([
        'label in public.pool_key.label',
        'label in public.request.key_label',
        'label in public.planted.bytes',
        'label in public.planted.encoded',
        'logged in logs',
        'call in spans',
        inQueue,
      ]),
    );
  });

  it('holds no prompt, answer, error text, header, key or token, in any form (trap 19)', () => {
    expect(secrets.size).toBeGreaterThan(30);
    expect(sightings(secrets, everything)).toEqual([]);
  });
});

import { randomUUID } from 'node:crypto';
import { MaintenanceJobs } from '../../src/platform/queue/maintenance-jobs.js';
import { KeyAdminService, UsageLimitService, type LimitValues } from '../../src/auth/index.js';
import type { KeyId } from '../../src/core/index.js';
import { QUEUES } from '../../src/platform/queue/index.js';
import { AccountService } from '../../src/upstream/index.js';
import { CATALOG_JOB } from '../../src/upstream/jobs.js';
import { UsageProbe } from '../../src/upstream/quota/usage-probe.service.js';
import { answerWith, askOnSocket, bodyWith, canaries, failure500, headersWith } from '../support/canaries.js';
import { useCommandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { everyText, sightings } from '../support/everything-stored.js';
import { useGateway } from '../support/gateway.js';
import { queueAt } from '../support/queue-at.js';
import { useSpans } from '../support/recorded-spans.js';
import { useRedis } from '../support/redis.js';
import { createdThenFailed, hold, json, ScriptedUpstream, type Reply } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { chatBody, messagesBody, responsesBody, v1Answer } from '../support/v1-canaries.js';
import { brokenOff, refused, V1CanaryClient } from '../support/v1-canary-client.js';

const redis = useRedis();
const spans = useSpans();
/** Of both gateways: the logger of a process writes to one place only. */
const lines: string[] = [];

const AMPLE: LimitValues = { tokensPerDay: 1e12, usdPerDay: 5, warnPercent: 1 };
/** Each lets in no call of these. */
const DENYING: Readonly<Record<string, LimitValues>> = {
  tokens_per_day: { tokensPerDay: 1 },
  usd_per_month: { usdPerMonth: '0.000000001' },
  max_input_tokens: { maxInputTokens: 1 },
};
const PATHS = ['/backend-api/codex/responses', '/v1/responses', '/v1/chat/completions', '/v1/messages'];
const EVER = ['--from', '2020-01-01', '--to', '2100-01-01'];
const COMMANDS = [
  ['usage'],
  ['usage', '--by', 'hour,key,pool,account,model', '--format', 'json'],
  ['usage', '--by', 'day', '--format', 'csv'],
  ['request', 'list'],
  ['request', 'list', '--format', 'json'],
  ['key', 'list'],
  ['pool', 'show', 'test'],
  ['account', 'list'],
  ['account', 'drift', '--json'],
  ['jobs', 'list'],
  ['jobs', 'list', '--json'],
  ['prices', 'list'],
  ['prices', 'replay', ...EVER, '--dry-run'],
];

describe.each([
  { stores: 'Postgres alone', shared: undefined },
  { stores: 'Postgres and Redis', shared: redis },
])('what a gateway on $stores keeps of what it counts and limits', ({ shared }) => {
  const { canary, secrets } = canaries();
  const commands = useCommandLine(() => ({
    DATA_DIR: folder.path(),
    DATABASE_URL: gateway.databaseUrl(),
    UPSTREAM_BASE_URL: upstream.url,
    ...(shared ? { REDIS_URL: shared.url() } : {}),
  }));
  const folder = temporaryFolder();
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream, logs: (line) => lines.push(line), ...(shared ? { redis: shared } : {}) });
  /** The outcome of each call, to see that the ways it was meant to go were gone. */
  const ways: Record<string, unknown> = {};
  const everything = new Map<string, string>();
  /** Not private: a key's id and label, and a call's id. */
  const known = new Map([['label', `planted-${randomUUID()}`]]);

  const queues: ReturnType<typeof queueAt>[] = [];
  const opened = (name: string) => queueAt(name, shared?.url(), gateway.databaseUrl());

  const inQueue: unknown = expect.stringMatching(
    shared ? /^settled call in open: \{codex-pooler\}:settlement:/ : 'settled call in open: bullmq.job.data',
  );

  const newKey = async (name: string, limits: LimitValues): Promise<{ readonly id: KeyId; readonly token: string }> => {
    const label = name === 'label' ? (known.get(name) ?? '') : name;
    const { key, token } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, label);
    secrets.set(`key ${name}`, token.slice('sk-cxp-'.length + 13));
    await gateway.get(UsageLimitService).setLimit({ keyId: key.id }, limits);
    return { id: key.id, token };
  };

  /** Calls of every protocol, as each of them may end. */
  const callsOf = async (name: string, token: string, replies: Readonly<Record<string, Reply>>): Promise<void> => {
    const client = new V1CanaryClient(gateway, upstream, token, canary);
    const bodies = [
      bodyWith(canary),
      { ...responsesBody(canary), stream: true },
      chatBody(canary),
      { ...messagesBody(canary), model: 'gpt-5.5', stream: true },
    ];
    for (const [end, reply] of Object.entries(replies)) {
      for (const [at, path] of PATHS.entries()) {
        const body = bodies[at] ?? {};
        upstream.script = () => reply;
        await client.call(path, path, { body, headers: path.startsWith('/v1') ? {} : headersWith(canary) });
        ways[`${name} ${end} ${path}`] = client.ways[path];
      }
      ways[`${name} ${end} on a socket`] = await askOnSocket(gateway, token, canary);
    }
  };

  const look = async (when: string): Promise<void> => {
    const texts = await everyText({ gateway, redisUrl: shared?.url(), lines, spans: spans.ended() });
    for (const [place, text] of texts) everything.set(`${when}: ${place}`, text);
  };

  /** Counts as it is, and the account's report differs from what was counted. */
  const countedAndCompared = async (): Promise<void> => {
    await commands.run(['prices', 'set', 'gpt-5.5', '--input', '7', '--output', '9']);
    await commands.run(['prices', 'replay', ...EVER]);
    for (const { id } of await gateway.get(AccountService).list()) {
      known.set('account', id);
      await gateway.get(UsageProbe).run(id, Date.now);
    }
    for (const job of gateway.get(MaintenanceJobs).all()) await job.run();
  };

  /** A job that fails because a provider says so, at length: its row keeps that it failed. */
  const failedJob = async (): Promise<void> => {
    for (const account of gateway.accounts) account.revoke();
    upstream.tokenScript = () => json(500, { error_description: canary('login server') });
    const queue = opened(QUEUES.tokenRefresh);
    queues.push(queue);
    const [account] = await gateway.get(AccountService).list();
    await queue.add(CATALOG_JOB, { accountId: account?.id }, { attempts: 1 });
    await eventually(
      async () => {
        const sql = `SELECT 1 FROM job_run WHERE outcome = 'failed'`;
        expect(await gateway.database().query<object[]>(sql)).not.toEqual([]);
      },
      { withinMs: 20_000 },
    );
  };

  const printed = async (): Promise<void> => {
    const [call] = await gateway.ledger();
    const keys = await gateway.get(KeyAdminService).listKeys();
    const more = [
      ['request', 'show', String(call?.['request_id'])],
      ['explain', '--request', String(call?.['request_id'])],
      ...keys.map(({ id }) => ['key', 'show', id]),
      ...keys.map(({ id }) => ['key', 'show', id, '--json']),
    ];
    for (const args of [...COMMANDS, ...more]) {
      const { code, stderr } = await commands.run(args);
      expect([args, code, stderr]).toEqual([args, 0, '']);
    }
    everything.set('commands', commands.printed());
  };

  beforeAll(async () => {
    queues.push(...[QUEUES.settlement, QUEUES.maintenance].map(opened));
    await Promise.all(queues.map((queue) => queue.pause())); // so that what they take away stays to be looked at
    await gateway.get(UsageLimitService).setLimit({ poolId: gateway.pool.id }, AMPLE);
    for (const { id, login } of gateway.accounts) {
      secrets.set(`access token of ${id}`, login.accessToken).set(`refresh token of ${id}`, login.refreshToken);
    }
    const key = await newKey('label', AMPLE);
    known.set('key', key.id);
    const held = hold();
    upstream.script = () => held;
    const answering = gateway.post(bodyWith(canary), {
      headers: { authorization: `Bearer ${key.token}`, ...headersWith(canary) },
    });
    await held.start();
    await held.text(canary('held answer'));
    const answer = await answering;
    await callsOf('limited', key.token, {
      answered: v1Answer(canary),
      'native answer': answerWith(canary),
      refused: refused(canary),
      'failed late': createdThenFailed('invalid_prompt', canary('late failure')),
      cut: brokenOff(canary),
      broken: failure500(canary), // the last, or nobody would be left to ask
    });
    for (const [name, limits] of Object.entries(DENYING)) {
      const denied = await newKey(name, limits);
      await callsOf(name, denied.token, { denied: v1Answer(canary) });
    }
    const [open, settled] = await gateway.ledger();
    known.set('open call', open?.id ?? '').set('settled call', settled?.id ?? '');
    await eventually(async () => {
      await look('open');
      expect(sightings(known, everything)).toContainEqual(inQueue);
    });
    await held.finish();
    await answer.text().catch(() => undefined);
    await queues[0]?.resume();
    await eventually(async () => {
      for (const { outcome } of await gateway.ledger()) expect(outcome).toEqual(expect.any(String));
    });
    await look('settled');
    await countedAndCompared();
    await failedJob();
    await look('counted');
    await printed();
  }, 120_000);

  afterAll(() => Promise.all(queues.map((queue) => queue.close())));

  it('comes from calls that were served, failed, estimated and denied', async () => {
    for (const path of PATHS) {
      expect(ways).toMatchObject({
        [`limited answered ${path}`]: 200,
        [`limited refused ${path}`]: 400,
        [`tokens_per_day denied ${path}`]: 429,
        [`usd_per_month denied ${path}`]: 429,
        [`max_input_tokens denied ${path}`]: 429,
      });
    }
    const sums = 'count(*) FILTER (WHERE estimated_output > 0) > 0 AS estimated, count(DISTINCT error_code) AS errors';
    const sql = `SELECT ${sums} FROM ledger_entry JOIN request ON request.id = call_id`;
    expect(await gateway.database().query(sql)).toEqual([{ estimated: true, errors: expect.any(String) as unknown }]);
    expect(lines.filter((line) => line.includes('nano-USD, counted from day'))).not.toEqual([]);
  });

  it('is searched where something can be found', () => {
    const sinks = [
      'label in open: public.settlement_outbox.record',
      'key in open: public.reservation.key_id',
      'key in settled: public.usage_delta.key_id',
      'key in counted: public.usage_hourly.key_id',
      'key in counted: public.usage_daily.key_id',
      'open call in counted: public.cost_correction.call_id',
      'account in counted: public.account_reconciliation.account_id',
      'account in counted: public.job_run.target',
      'label in commands',
      'key in commands',
      'settled call in commands',
      expect.stringMatching(shared ? /^open call in open: codex-pooler:counter:/ : /^open call in open: shared state$/),
      inQueue,
    ];
    expect(sightings(known, everything)).toEqual(expect.arrayContaining(sinks));
    expect(everything.get('counted: logs')).toContain(known.get('key'));
  });

  it('holds no prompt, answer, file name, error text, header, key or token, in any form', () => {
    expect(secrets.size).toBeGreaterThan(50);
    expect(sightings(secrets, everything)).toEqual([]);
  });
});

import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { KeyAdminService } from '../../src/auth/index.js';
import { QUEUES } from '../../src/platform/queue/index.js';
import { SharedState } from '../../src/platform/shared-state/index.js';
import { canaries } from '../support/canaries.js';
import { CodexSocket } from '../support/codex-socket.js';
import { eventually } from '../support/eventually.js';
import { everyText, sightings, type Texts } from '../support/everything-stored.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import { queueAt } from '../support/queue-at.js';
import { useSpans } from '../support/recorded-spans.js';
import { useRedis } from '../support/redis.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { everyV1Call } from '../support/v1-canary-calls.js';
import { V1CanaryClient } from '../support/v1-canary-client.js';

const redis = useRedis();
const spans = useSpans();
/** Of both gateways: the logger of a process writes to one place only. */
const lines: string[] = [];

describe.each([
  { stores: 'Postgres alone', shared: undefined },
  { stores: 'Postgres and Redis', shared: redis },
])('what a gateway on $stores keeps of calls on /v1', ({ shared }) => {
  const folder = temporaryFolder();
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({
    upstream,
    logs: (line) => lines.push(line),
    env: {
      get DATA_DIR() {
        return folder.path();
      },
    },
    ...(shared ? { redis: shared } : {}),
  });
  const { canary, secrets } = canaries();
  /** Not private: put in every place that is searched. */
  const planted = `planted-${randomUUID()}`;
  const clients: V1CanaryClient[] = [];
  const poolIds: string[] = [];
  let everything: Texts = new Map();
  let settlements: ReturnType<typeof queueAt> | undefined;

  const newClient = async (name: string, storedResponses: boolean): Promise<V1CanaryClient> => {
    const anthropicModels: [string, string][] = [['*', 'gpt-5.5']];
    const settings = { storedResponses, defaultModel: 'gpt-5.5', anthropicModels };
    const { pool } = await newPool(gateway, upstream, [{}, {}], settings);
    const { token } = await gateway.get(KeyAdminService).createKey(pool.id, planted);
    secrets.set(`key of ${name}`, token.slice('sk-cxp-'.length + 13));
    poolIds.push(pool.id);
    const client = new V1CanaryClient(gateway, upstream, token, (what) => canary(`${what} of ${name}`));
    clients.push(client);
    return client;
  };

  /** What somebody else is answered, who asks after all of them. */
  const otherAnswers = async (): Promise<string> => {
    upstream.script = hello;
    const headers = { authorization: `Bearer ${gateway.key}`, 'x-request-id': planted };
    const told: unknown[] = [];
    for (const path of ['/v1/models', '/v1/usage', '/v1/files', '/healthz', '/readyz', '/backend-api/wham/usage']) {
      const answer = await fetch(`${gateway.url}${path}`, { headers });
      told.push([...answer.headers], await answer.text());
    }
    for (const path of ['/backend-api/codex/responses', '/v1/responses']) {
      const answer = await gateway.post(ask(), { path, headers });
      told.push([...answer.headers], await answer.text());
      const socket = await CodexSocket.open(gateway, { path });
      told.push(socket.headers);
      socket.drop();
    }
    return JSON.stringify(told);
  };

  const filesIn = (path: string): string =>
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
      .join('\n');

  const search = async (others: string): Promise<Texts> =>
    new Map([
      ...(await everyText({ gateway, redisUrl: shared?.url(), lines, spans: spans.ended() })),
      ['data folder', filesIn(folder.path())],
      ['other answers', others],
    ]);
  const jobsIn = (texts: Texts): string =>
    [...texts].map(([place, text]) => (/^bullmq\.job\.data$|:settlement:/.test(place) ? text : '')).join('\n');

  beforeAll(async () => {
    settlements = queueAt(QUEUES.settlement, shared?.url(), gateway.databaseUrl());
    await settlements.pause(); // so that its jobs stay to be looked at
    await everyV1Call(await newClient('a Pool that keeps nothing', false), false);
    await everyV1Call(await newClient('a Pool that keeps', true), true);
    new Logger('canary').log(planted);
    await gateway.get(SharedState).put('known', planted, 60_000);
    writeFileSync(join(folder.path(), 'known'), planted);
    const others = await otherAnswers();
    await eventually(async () => {
      everything = await search(others);
      const jobs = jobsIn(everything);
      for (const { id } of await gateway.ledger()) expect([id, jobs.includes(id)]).toEqual([id, true]);
    });
  }, 120_000);

  afterAll(() => settlements?.close());

  it('comes from calls of every kind that were served, refused, failed and abandoned', async () => {
    for (const [at, { ways, canary: own }] of clients.entries()) {
      const bad = Object.entries(ways).filter(([way, status]) => /(answered|ed)$/.test(way) && status === 500);
      expect(bad).toEqual([]);
      for (const path of ['/v1/responses', '/v1/chat/completions', '/v1/messages', '/v1/images/generations']) {
        expect(ways).toMatchObject({
          [`${path} answered`]: 200,
          [`${path} refused`]: 400,
          [`${path} broken`]: 502,
          [`${path} malformed`]: 400,
          [`${path} wrong`]: 400,
          [`${path} wrong key`]: 401,
          [`${path} without session headers`]: 200,
        });
      }
      expect(ways).toMatchObject({
        '/v1/responses turn answered': 'response.completed',
        '/v1/responses turn failed late': 'response.failed',
        '/v1/responses turn wrong': 'error',
        '/v1/compact': 200,
        '/v1/messages/compact': 200,
        '/v1/inspect answered': 200,
        '/v1/audio/transcriptions': 200,
        '/v1/images/edits answered': 200,
        counted: 200,
        uploaded: 200,
        'not taken': 502,
        got: at === 0 ? 404 : 200,
        found: at === 0 ? 404 : 200,
        lost: 500,
      });
      const sent = upstream.requests('responses').map(({ body }) => body.toString());
      const bodies = [...sent, ...upstream.requests('upload').map(({ body }) => body.toString())].join('\n');
      for (const what of ['prompt', 'system', 'tool output', 'bytes']) expect(bodies).toContain(own(what));
    }
  });

  it('is searched where something can be found', async () => {
    const [call] = await gateway.ledger();
    const known = new Map([
      ['planted', planted],
      ['call', call?.id ?? ''],
    ]);
    const found = sightings(known, everything);
    expect(found).toEqual(
      expect.arrayContaining([
        'planted in public.pool_key.label',
        'planted in public.request.key_label',
        'planted in logs',
        'planted in data folder',
        'planted in other answers',
        'call in spans',
        expect.stringMatching(shared ? /^planted in codex-pooler:/ : /^planted in shared state$/),
        expect.stringMatching(shared ? /^call in \{codex-pooler\}:settlement:/ : /^call in bullmq\.job\.data$/),
      ]),
    );
  });

  it('holds nothing that was said or answered, in any form, where the Pool keeps it and where it does not', () => {
    expect(secrets.size).toBeGreaterThan(150);
    expect(sightings(secrets, everything)).toEqual([]);
  });

  it('is kept only for the Pool that keeps', async () => {
    const sql = 'SELECT DISTINCT pool_id, kind FROM stored_item ORDER BY kind';
    expect(await gateway.database().query(sql)).toEqual([
      { pool_id: poolIds[1], kind: 'completion' },
      { pool_id: poolIds[1], kind: 'response' },
    ]);
  });
});

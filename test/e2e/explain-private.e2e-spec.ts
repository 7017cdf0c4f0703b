import { ROUTING_STRATEGIES } from '../../src/core/index.js';
import { EXCLUSION_REASONS } from '../../src/routing/decision.js';
import { CodexSocket, turn } from '../support/codex-socket.js';
import { eventually } from '../support/eventually.js';
import { ask, hello, PATH, useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const messages = [{ role: 'user', content: 'Say hello.' }];
const model = 'gpt-5.5';

const post =
  (path: string, body: object) =>
  async ({ key }: TestPool): Promise<string> => {
    const headers = path === '/v1/messages' ? { 'x-api-key': key } : { authorization: `Bearer ${key}` };
    const answer = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return JSON.stringify([answer.status, answer.statusText, [...answer.headers], await answer.text()]);
  };

const onSocket =
  (path: string) =>
  async ({ key }: TestPool): Promise<string> => {
    const socket = await CodexSocket.open(gateway, { key, path });
    const frames = await socket.ask(turn());
    socket.drop();
    return JSON.stringify([socket.headers, frames]);
  };

/** Every way to ask. @returns everything that the client saw of the answer */
const WAYS: Readonly<Record<string, (team: TestPool) => Promise<string>>> = {
  'the native protocol': post(PATH, ask()),
  'a native websocket': onSocket(PATH),
  compaction: post(`${PATH}/compact`, { model, input: [], instructions: 'Fold.' }),
  'a stream of responses': post('/v1/responses', { model, input: 'Say hello.', stream: true }),
  responses: post('/v1/responses', { model, input: 'Say hello.' }),
  'a websocket of responses': onSocket('/v1/responses'),
  'a stream of completions': post('/v1/chat/completions', { model, messages, stream: true }),
  completions: post('/v1/chat/completions', { model, messages }),
  'a stream of messages': post('/v1/messages', { model, messages, max_tokens: 99, stream: true }),
  messages: post('/v1/messages', { model, messages, max_tokens: 99 }),
};

/** Of the Pool's accounts in the database, and so that the gateway notices. */
const STATES: Readonly<Record<string, string>> = {
  served: 'priority = 0',
  'refused for want of a login': `status = 'login_required'`,
  'refused because all are paused': `status = 'paused'`,
  'refused because all are spent': `cooling_until = now() + interval '1 h', cooling_reason = 'upstream_quota_exhausted',
                                    cooling_since = now()`,
  'refused because all sit out': `cooling_until = now() + interval '1 h', cooling_reason = 'upstream_account_rejected',
                                  cooling_since = now()`,
};

const SCORES = ['cost', 'pressure', 'failures', 'load', 'slowness', 'cacheDistance', 'halfOpen', 'tier'];
/** What `/v1` calls the limit of a whole Pool. */
const PUBLIC = 'quota_exhausted';
const words = [
  ...EXCLUSION_REASONS.filter((reason) => reason !== PUBLIC),
  ...ROUTING_STRATEGIES,
  'optimistic',
  'exclusions',
  'candidates',
  'already asked',
];
/** As words of their own; names of scores only where they name something. */
const TOLD = new RegExp(`\\b(?:${words.join('|')})\\b|\\\\?"(?:${SCORES.join('|')})\\\\?":`, 'i');

describe.each(Object.entries(STATES))('a call that is %s', (state, change) => {
  let team: TestPool;
  const ids: string[] = [];

  beforeAll(async () => {
    upstream.script = hello;
    team = await newPool(gateway, upstream, [{}, {}]);
    const labels = team.accounts.map(({ id }) => id);
    if (state !== 'served') {
      const sql = `UPDATE upstream_account SET ${change} WHERE label = ANY($1)`;
      await gateway.database().query(sql, [labels]);
    }
    ids.push(...(await team.snapshot()).map(({ id }) => id), ...labels);
    const status = state === 'served' ? /^\[200/ : /^\[(?:429|503)/;
    await eventually(async () => expect(await post(PATH, ask())(team)).toMatch(status));
  });

  it.each(Object.entries(WAYS))('tells a client of %s nothing of the choice among accounts', async (_, call) => {
    const seen = await call(team);
    expect(seen.length).toBeGreaterThan(100);
    expect(ids.filter((id) => seen.includes(id))).toEqual([]);
    expect(TOLD.exec(seen)?.[0]).toBeUndefined();
  });

  it('leaves it all in the ledger', async () => {
    await eventually(async () => {
      const sql = `SELECT decision FROM request WHERE pool_id = $1 AND status <> 'in_flight'`;
      const rows = await gateway.database().query<{ decision: object | null }[]>(sql, [team.pool.id]);
      expect(rows.length).toBeGreaterThanOrEqual(Object.keys(WAYS).length);
      for (const { decision } of rows) for (const id of ids) expect(JSON.stringify(decision)).toContain(id);
    });
  });
});

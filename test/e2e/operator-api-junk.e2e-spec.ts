import fc from 'fast-check';
import { AccountAssignments, AccountService, type AccountSummary } from '../../src/upstream/index.js';
import { KeyAdminService, PoolService } from '../../src/auth/index.js';
import { OperationRegistry, type Operation } from '../../src/control/index.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { junkOf, type JunkRequest } from '../support/operation-junk.js';
import { askApi, operatorToken } from '../support/operators.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const FULL = process.env['DRILLS'] === 'full';
const SEED = 7;
const REQUESTS = FULL ? 300 : 8;
const HANGS_MS = 20_000;
const PROBLEM = /^application\/problem\+json/;
const BEGUN_ONLY = `
  SELECT action FROM audit_event AS begun
   WHERE outcome = 'begun' AND NOT EXISTS (SELECT 1 FROM audit_event AS ended WHERE ended.begun_id = begun.id)`;
const WITHOUT_REQUEST = `SELECT action FROM audit_event WHERE actor_kind = 'token' AND request_id IS NULL`;

jest.setTimeout(FULL ? 3_600_000 : 120_000);

/** What takes things away comes last, so that others find them. */
const lasting = ({ method, name }: Operation): number => Number(method === 'DELETE' || name.endsWith('.revoke'));

describe("junk in requests of the operators' API", () => {
  const upstream = new ScriptedUpstream();
  upstream.script = hello;
  const gateway = useGateway({ upstream, env: { AUTH_FAILURES_PER_MINUTE: '1000000' } });
  const known: Record<string, unknown> = { model: 'gpt-5.5', force: false };
  /** Of the Pool that whoever is bound to another one has nothing to do with. */
  const hidden: string[] = [];
  let token = '';
  let shared: AccountSummary | undefined;

  const answerTo = async ({ path, method, body, headers }: JunkRequest, shown: string) => {
    const answer = await fetch(`${gateway.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${shown}`, ...headers },
      signal: AbortSignal.timeout(HANGS_MS),
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() };
  };
  const operations = (): Operation[] =>
    [...gateway.get(OperationRegistry).operations].sort((a, b) => lasting(a) - lasting(b));
  const junk = (operation: Operation, numRuns: number) => fc.sample(junkOf(operation, known), { seed: SEED, numRuns });
  const audited = (sql: string) => gateway.database().query<object[]>(sql);

  beforeAll(async () => {
    ({ token } = await operatorToken(gateway, { scopes: ['admin'] }));
    const { key } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, 'a-hidden-label');
    const { row } = await operatorToken(gateway, { scopes: ['read'] });
    await (await gateway.post(ask())).text();
    const [call] = await gateway.ledger();
    const [account] = await gateway.get(AccountService).list();
    shared = account;
    Object.assign(known, { pool: 'test', key: key.prefix, account: account?.id, token: row.id, request: call?.id });
    hidden.push(gateway.pool.id, key.id, 'a-hidden-label', row.prefix, String(call?.['request_id']));
  });

  it('tell who is bound to another Pool nothing of this one, also where both share an account', async () => {
    const other = await gateway.get(PoolService).createPool('other');
    if (shared === undefined) throw new Error('There is no account.');
    await gateway.get(AccountAssignments).assign(other.id, shared.id);
    // Done by somebody who sees both Pools, in the one that the other sees as well.
    const path = `/api/v1/accounts/${shared.id}/pools/other`;
    await askApi(gateway.url, path, { token, method: 'PATCH', body: { priority: 3 } });
    const bound = (await operatorToken(gateway, { scopes: ['admin'], poolIds: [other.id] })).token;
    const leaks: unknown[] = [];
    for (const operation of operations()) {
      for (const request of junk(operation, REQUESTS / 2)) {
        const { text } = await answerTo(request, bound);
        const sent = `${decodeURIComponent(request.path)} ${request.body ?? ''}`;
        const leaked = hidden.filter((each) => text.includes(each) && !sent.includes(each));
        if (leaked.length > 0) leaks.push([operation.name, request, leaked]);
      }
    }
    const { body } = await askApi(gateway.url, '/api/v1/audit?limit=200', { token: bound });
    expect(JSON.stringify(body)).toContain('account.set');
    expect([leaks, hidden.filter((each) => JSON.stringify(body).includes(each))]).toEqual([[], []]);
  });

  it('is answered with a problem that says what is wrong, and never fails or hangs', async () => {
    const wrong: unknown[] = [];
    const served = new Set<string>();
    for (const operation of operations()) {
      for (const request of junk(operation, REQUESTS)) {
        const { status, type, text } = await answerTo(request, token);
        if (status >= 200 && status < 400) served.add(operation.name);
        const isRight = status >= 200 && (status < 400 || ((status < 500 || status === 503) && PROBLEM.test(type)));
        if (!isRight) wrong.push([operation.name, status, request, text.slice(0, 300)]);
      }
    }
    expect(wrong).toEqual([]);
    process.stdout.write(`${operations().length} operations, ${served.size} of them also served.\n`);
    expect(served.size).toBeGreaterThan(operations().length / 2);
  });

  it('leaves an audit that holds, with an end of everything that was begun, and the request that asked for it', async () => {
    expect((await askApi(gateway.url, '/api/v1/audit/verify', { token })).body).toMatchObject({ ok: true });
    expect([await audited(BEGUN_ONLY), await audited(WITHOUT_REQUEST)]).toEqual([[], []]);
  });
});

import { RollupService } from '../../src/accounting/rollups/rollup.service.js';
import { KeyAdminService, UsageLimitService } from '../../src/auth/index.js';
import { CodexSocket, turn } from '../support/codex-socket.js';
import { jsonOf } from '../support/calls.js';
import { useCommandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { bearer } from '../support/file-client.js';
import { ask, PATH, useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import { failedFirstEvent, hold, say, ScriptedUpstream, usage } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// Many calls and commands: a busy machine takes its time.
jest.setTimeout(60_000);

const CHAT = '/v1/chat/completions';
const MESSAGES = '/v1/messages';
const RESPONSES = '/v1/responses';
const LIMIT = 1_000_000_000;

type Row = Readonly<Record<string, string | number | null>>;

/** What the ledger itself comes to, by key, model and account, in the words of the command's export. */
const LEDGER = `
  SELECT key_id, requested_model AS model, account_id, count(*)::int AS calls,
         (count(*) FILTER (WHERE outcome = 'succeeded'))::int AS succeeded,
         (count(*) FILTER (WHERE outcome = 'failed'))::int AS failed,
         (count(*) FILTER (WHERE outcome = 'cancelled'))::int AS cancelled,
         coalesce(sum(input_uncached), 0)::int AS input_uncached, coalesce(sum(input_cached), 0)::int AS input_cached,
         coalesce(sum(cache_write), 0)::int AS cache_write, coalesce(sum(output), 0)::int AS output,
         coalesce(sum(reasoning), 0)::int AS reasoning,
         coalesce(sum(estimated_input), 0)::int AS estimated_input,
         coalesce(sum(estimated_output), 0)::int AS estimated_output,
         coalesce(sum(cost_nano_usd), 0)::int8::text AS cost_nano_usd
    FROM ledger_entry GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;

describe('after a mixed load', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const folder = temporaryFolder();
  const commands = useCommandLine(() => ({
    DATABASE_URL: gateway.databaseUrl(),
    DATA_DIR: folder.path(),
    UPSTREAM_BASE_URL: upstream.url,
  }));
  let team: TestPool;
  let keys: readonly { readonly id: string; readonly token: string }[] = [];
  let made = 0;

  beforeAll(async () => {
    team = await newPool(gateway, upstream, [{}, {}]);
    const admin = gateway.get(KeyAdminService);
    const created = await Promise.all(['=ci', 'dev'].map((label) => admin.createKey(team.pool.id, label)));
    keys = created.map(({ key, token }) => ({ id: key.id, token }));
    for (const { key } of created) {
      await gateway.get(UsageLimitService).setLimit({ keyId: key.id }, { tokensPerDay: LIMIT });
    }
    await load();
    // From now on nothing is known of what the upstream allows.
    await gateway.database().query('DELETE FROM pool_account WHERE pool_id = $1', [team.pool.id]);
  });

  async function load(): Promise<void> {
    for (const [index, { token }] of keys.entries()) {
      const headers = bearer(token);
      const post = async (path: string, body: object) => {
        upstream.replyWith(say('Hello', { usage: usage(1_000 + made, 300, 40 + index, 7) }));
        made += 1;
        await (await gateway.post(body, { path, headers })).text();
      };
      for (const model of ['gpt-5.5', 'gpt-5.4']) {
        await post(PATH, ask({ model }));
        await post(RESPONSES, { model, input: 'Hello' });
        for (const stream of [true, false]) {
          const messages = [{ role: 'user', content: 'Hello' }];
          await post(CHAT, { model, messages, stream });
          await post(MESSAGES, { model, messages, stream, max_tokens: 100 });
        }
      }
      await unhappy(headers);
      await turns(token);
    }
    await eventually(async () => {
      const [row] = await gateway.database().query<[{ open: number; entries: number }]>(`
        SELECT (SELECT count(*)::int FROM request WHERE status = 'in_flight') AS open,
               (SELECT count(*)::int FROM ledger_entry) AS entries`);
      expect(row).toEqual({ open: 0, entries: made });
    });
  }

  async function unhappy(headers: Record<string, string>): Promise<void> {
    upstream.replyWith(say('Hello', { usage: null }));
    await (await gateway.post(ask(), { headers })).text();
    upstream.replyWith(failedFirstEvent('invalid_prompt'));
    await (await gateway.post(ask(), { headers })).text();
    const held = hold();
    upstream.replyWith(held);
    const leaving = new AbortController();
    const asking = gateway.post(ask(), { headers, signal: leaving.signal });
    await held.start();
    await held.text('Hel');
    await (await asking).body?.getReader().read();
    leaving.abort();
    made += 3;
  }

  async function turns(key: string): Promise<void> {
    const socket = await CodexSocket.open(gateway, { key });
    upstream.replyWith(say('one', { usage: usage(50, 10, 5, 1) }), say('two', { usage: usage(60, 0, 6, 0) }));
    await socket.ask(turn());
    await socket.ask(turn());
    socket.drop();
    made += 2;
  }

  const exported = async (...args: string[]): Promise<Row[]> => {
    const { code, stdout, stderr } = await commands.run(['usage', ...args, '--format', 'json']);
    expect([code, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as Row[];
  };
  const sumOf = (rows: readonly Row[], ...names: string[]) =>
    rows.reduce((sum, row) => sum + names.reduce((all, name) => all + Number(row[name]), 0), 0);
  const TOKENS = ['input_uncached', 'input_cached', 'cache_write', 'output', 'reasoning'];
  const ledger = () => gateway.database().query<Row[]>(LEDGER);

  describe.each(['before the rollup', 'after the rollup'])('%s', (when) => {
    beforeAll(async () => {
      if (when === 'after the rollup') await gateway.get(RollupService).rollUp();
    });

    it('the command says what the ledger says, by key, model and account', async () => {
      const rows = await exported('--by', 'key,model,account');
      const key = (row: Row) => `${row['key_id'] ?? ''} ${row['model'] ?? ''} ${row['account_id'] ?? ''}`;
      const entries = await ledger();
      expect(rows.map(key).sort()).toEqual(entries.map(key).sort());
      for (const entry of entries) {
        const row = rows.find((each) => key(each) === key(entry));
        const { cost_nano_usd: nano, ...counted } = entry;
        const known = sumOf([entry], ...TOKENS) > 0;
        expect(row).toMatchObject(known ? counted : { calls: counted['calls'], total_tokens: 'unknown' });
        if (row?.['cost_status'] === 'priced') expect(Number(row['cost_usd'])).toBeCloseTo(Number(nano) / 1e9, 9);
      }
      expect(sumOf(entries, 'calls')).toBe(made);
    });

    it('a key is told the same of itself', async () => {
      const entries = await ledger();
      for (const { id, token } of keys) {
        const own = entries.filter((entry) => entry['key_id'] === id);
        const tokens = sumOf(own, ...TOKENS);
        const [row] = await exported('--key', id);
        const { body } = await jsonOf(await fetch(`${gateway.url}/v1/usage`, { headers: bearer(token) }));
        expect(body).toMatchObject({
          request_count: sumOf(own, 'calls'),
          total_tokens: tokens,
          cached_input_tokens: sumOf(own, 'input_cached'),
          total_cost_status: row?.['cost_status'],
        });
        expect(row).toMatchObject({ calls: sumOf(own, 'calls'), total_tokens: tokens });
        const charged = tokens + sumOf(own, 'estimated_input', 'estimated_output');
        expect(body['limits']).toMatchObject([
          { limit_type: 'total_tokens', current_value: charged },
          { limit_type: 'credits', current_value: charged },
        ]);
        const { stdout } = await commands.run(['key', 'show', id, '--json']);
        const [shown] = body['limits'] as { reset_at: string }[];
        expect((JSON.parse(stdout) as { used: object[] }).used).toEqual([
          expect.objectContaining({
            limit: 'tokens_per_day',
            scope: 'key',
            max: LIMIT,
            current: charged,
            reserved: 0,
            remaining: LIMIT - charged,
            resetsAtMs: Date.parse(String(shown?.reset_at)),
          }),
        ]);
        await eventually(async () => {
          const native = await jsonOf(await fetch(`${gateway.url}/wham/usage`, { headers: bearer(token) }));
          expect(native.body).toMatchObject({
            plan_type: 'api_key',
            rate_limit: { allowed: true, primary_window: { limit_window_seconds: 86_400 }, secondary_window: null },
            credits: { balance: String(LIMIT - charged) },
          });
        });
      }
    });
  });

  it('the command prints a table, and CSV that no spreadsheet runs', async () => {
    const { stdout } = await commands.run(['usage', '--by', 'day,key']);
    expect(stdout).toMatch(/^DAY +KEY +CALLS +FAILED +CANCELLED +REJECTED .*\n20\d\d-\d\d-\d\d +(=ci|dev) +17 /);
    expect(stdout).toMatch(/\nCompared with the ledger: \d of 6 finished days\.\n$/);
    const csv = await commands.run(['usage', '--format', 'csv', '--model', 'gpt-5.4']);
    const [head, ...lines] = csv.stdout.split('\r\n');
    expect(head).toMatch(/^key,key_id,calls,succeeded,.*,cost_usd,cost_status,metered_usd$/);
    expect(lines.map((line) => line.split(',')[0]).sort()).toEqual(['', "'=ci", 'dev']);
  });

  it('the command lists the calls of a key, page after page', async () => {
    const [ci] = keys;
    const list = async (...args: string[]) => (await commands.run(['request', 'list', '--key', '=ci', ...args])).stdout;
    const all = JSON.parse(await list('--format', 'json')) as Row[];
    expect(all.map((row) => row['key_id'])).toEqual(all.map(() => ci?.id));
    const ids: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await list('--limit', '7', ...(cursor === undefined ? [] : ['--after', cursor]));
      ids.push(...page.split('\n').flatMap((line) => / ([0-9a-f-]{36})$/.exec(line)?.[1] ?? []));
      cursor = /^More: --after (\S+)$/m.exec(page)?.[1];
    } while (cursor !== undefined);
    expect(ids).toEqual(all.map((row) => row['id']));
    const failed = JSON.parse(await list('--outcome', 'failed', '--format', 'json')) as Row[];
    expect(failed).toMatchObject([{ outcome: 'failed', error_code: expect.any(String) as string }]);
  });

  it.each([
    ['a key', ['--key', 'nobody'], 'There is no key "nobody".', 1],
    ['a Pool', ['--pool', 'nobody'], 'There is no Pool "nobody".', 1],
    ['an account', ['--account', 'nobody'], 'There is no account "nobody".', 1],
    ['a period', ['--from', '2026-01-02', '--to', '2026-01-02'], 'later than --from', 1],
    ['a day', ['--from', '2026-02-30'], 'Not a day', 2],
    ['a dimension', ['--by', 'colour'], 'Rows are by', 2],
  ])('the command refuses %s that is none', async (_, args, words, exitCode) => {
    const { code, stdout, stderr } = await commands.run(['usage', ...args]);
    expect([code, stdout]).toEqual([exitCode, '']);
    expect(stderr).toContain(words);
  });

  it('the worker rolls up by itself', async () => {
    upstream.replyWith(say('Hello'));
    await (await gateway.post(ask())).text();
    await eventually(async () => {
      const [row] = await gateway.database().query<[object]>(
        `
        SELECT (SELECT count(*)::int FROM usage_delta) AS deltas,
               (SELECT sum(calls)::int FROM usage_daily WHERE pool_id = $1) AS calls`,
        [gateway.pool.id],
      );
      expect(row).toEqual({ deltas: 0, calls: 1 });
    });
  });
});

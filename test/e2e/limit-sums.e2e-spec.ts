import { estimate } from '../../src/accounting/index.js';
import { LimitStore } from '../../src/accounting/limits/limit-store.service.js';
import { KeyAdminService, type LimitValues } from '../../src/auth/index.js';
import { SharedState } from '../../src/platform/shared-state/index.js';
import { jsonOf } from '../support/calls.js';
import { CodexSocket, turn, typeOf } from '../support/codex-socket.js';
import { useCommandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { bearer } from '../support/file-client.js';
import { ask, useGateway } from '../support/gateway.js';
import { LimitedKey, MUCH, RESETS } from '../support/limited-keys.js';
import { hold, ScriptedUpstream, usage } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const upstream = new ScriptedUpstream();
const lines: string[] = [];
const gateway = useGateway({ upstream, logs: (line) => lines.push(line) });
const folder = temporaryFolder();
const commands = useCommandLine(() => ({
  DATABASE_URL: gateway.databaseUrl(),
  DATA_DIR: folder.path(),
  UPSTREAM_BASE_URL: upstream.url,
}));
const limited = (values: LimitValues) => LimitedKey.make(gateway, upstream, values);

describe('limits of a model', () => {
  it('apply beside those of all models', async () => {
    const key = await limited({ tokensPerDay: 1_500_000 });
    await key.limit({ tokensPerDay: 100_000 }, 'gpt-5.4*');
    await key.use(MUCH, { model: 'gpt-5.4' });
    const refused = await jsonOf(await key.post(ask({ model: 'gpt-5.4' })));
    const message = expect.stringContaining('for models gpt-5.4*') as string;
    expect(refused).toMatchObject({ status: 429, body: { error: { param: 'tokens_per_day', message } } });
    await key.use();
    const over = await jsonOf(await key.post(ask()));
    expect(over).toMatchObject({ status: 429, body: { error: { param: 'tokens_per_day' } } });
    expect(JSON.stringify(over.body)).not.toContain('for models');
    const sums = (await key.status()).map(({ model, current, remaining }) => ({ model, current, remaining }));
    expect(sums).toEqual([
      { model: undefined, current: 2_000_020, remaining: 0 },
      { model: 'gpt-5.4*', current: 1_000_010, remaining: 0 },
    ]);
    expect(await key.rebuild()).toMatchObject({ live: 2, repaired: 0 });
  });
});

describe('what is left of limits', () => {
  it('is the same in the command, on the wire and in the counter, and a budget warns once before it is spent', async () => {
    const key = await limited({ usdPerDay: 2, tokensPerDay: 5_000_000, warnPercent: 50 });
    const warned = () => lines.filter((line) => line.includes(key.key.id) && line.includes('usd_per_day'));
    await key.use(usage(100_000, 0, 0, 0));
    expect(warned()).toEqual([]);
    await key.use(usage(200_000, 0, 0, 0));
    for (let calls = 0; calls < 3; calls += 1) await key.use(usage(0, 0, 0, 0));
    expect(warned()).toEqual([expect.stringMatching(/"level":("warn"|40).*has used 15\d+ of 2000000000 nano-USD/)]);

    const [tokens, usd] = await key.status();
    expect(tokens).toMatchObject({ limit: 'tokens_per_day', current: 300_000, remaining: 4_700_000, warned: false });
    expect(usd).toMatchObject({ limit: 'usd_per_day', current: 1_500_000_000, remaining: 500_000_000, warned: true });
    const shown = (await commands.run(['key', 'show', key.key.prefix])).stdout;
    expect(shown).toContain('    usd_per_day: 1.50 of 2.00 used, 0.50 left, more from ');
    expect(shown).toContain('    tokens_per_day: 300000 of 5000000 used, 4700000 left, more from ');
    const { body } = await jsonOf(await fetch(`${gateway.url}/v1/usage`, { headers: bearer(key.token) }));
    const at = new Date(RESETS.day()).toISOString().replace('.000Z', 'Z');
    const daily = { limit_window: 'daily', reset_at: at, model_filter: null };
    expect(body['limits']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...daily,
          limit_type: 'cost_usd',
          max_value: 2,
          current_value: 1.5,
          remaining_value: 0.5,
        }),
        expect.objectContaining({ ...daily, limit_type: 'total_tokens', current_value: 300_000 }),
      ]),
    );
    expect(await key.rebuild()).toMatchObject({ live: 1, repaired: 0 });
  });
});

describe('a client that leaves in the middle', () => {
  it('is charged with what came until then', async () => {
    const key = await limited({ tokensPerDay: 100_000, usdPerDay: 1 });
    const held = hold();
    upstream.replyWith(held);
    const leaving = new AbortController();
    const body = JSON.stringify(ask());
    const asking = gateway.post(body, { headers: bearer(key.token), signal: leaving.signal });
    await held.start();
    for (const piece of ['one ', 'two ', 'three']) await held.text(piece);
    const reader = (await asking).body?.getReader();
    for (let text = ''; !text.includes('three');) text += Buffer.from((await reader?.read())?.value ?? []).toString();
    leaving.abort();
    const { input } = estimate(Buffer.byteLength(body));
    const used = { tokens: input + 3, nanoUsd: input * 5_000 + 3 * 30_000 };
    await eventually(async () => {
      const sql = 'SELECT * FROM ledger_entry WHERE key_id = $1';
      const [row] = await gateway.database().query<Record<string, unknown>[]>(sql, [key.key.id]);
      expect(row).toMatchObject({
        outcome: 'cancelled',
        usage_known: false,
        output: null,
        estimated_input: String(input),
        estimated_output: '3',
        cost_status: 'estimated',
        cost_nano_usd: String(used.nanoUsd),
      });
    });
    const counter = gateway.get(LimitStore).liveKey(`key:${key.key.id}:`) ?? '';
    const [contents] = await gateway.get(SharedState).counters.contents([counter]);
    expect(contents).toMatchObject({ days: [used], holds: [] });
    expect((await key.status()).map(({ current, reserved }) => [current, reserved])).toEqual([
      [used.tokens, 0],
      [used.nanoUsd, 0],
    ]);
    expect(await key.rebuild()).toMatchObject({ live: 1, repaired: 0 });
  });
});

describe('a key whose time is over in the middle of a turn', () => {
  it.each([
    ['paused', { paused: true }],
    ['expired', { expiresAt: new Date(0) }],
  ])('has the end of it, has it charged, and may not go on: %s', async (_how, change) => {
    const key = await limited({ tokensPerDay: 100_000 });
    const socket = await CodexSocket.open(gateway, { key: key.token });
    const held = hold();
    upstream.replyWith(held);
    socket.send(turn());
    await held.start();
    await held.text('Hello');
    await gateway.get(KeyAdminService).changeKey(key.key.prefix, change);
    await held.finish({ usage: usage(100, 0, 11, 0) });
    const seen = await socket.answer();
    expect(typeOf(seen.at(-1) ?? '{}')).toBe('response.completed');
    socket.send(turn());
    expect(await socket.closed).toBe(1008);
    expect(socket.frames.filter((frame) => typeOf(frame) !== 'error')).toEqual([]);
    await eventually(async () => {
      expect((await key.status()).map(({ current, reserved }) => [current, reserved])).toEqual([[111, 0]]);
    });
  });
});

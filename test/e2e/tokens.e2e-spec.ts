import { randomUUID } from 'node:crypto';
import { AuditService } from '../../src/audit/index.js';
import { KeyAdminService, OperatorTokenAdmin, OperatorTokenService } from '../../src/auth/index.js';
import { FirstStartService } from '../../src/operator/index.js';
import { useDatabase } from '../support/database.js';
import { useEmbeddedGateway } from '../support/embedded-gateway.js';
import { eventually } from '../support/eventually.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { useRedis } from '../support/redis.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

// Real processes: a busy machine takes its time.
jest.setTimeout(120_000);

const OPERATOR_TOKEN = `opr-cxp-0123456789ab-${'x'.repeat(43)}`;
const MINTED = /(?:opr|mcp)-cxp-[0-9a-f]{12}-[\w-]{43}/;

describe('two gateways on one Postgres and one Redis', () => {
  const upstream = new ScriptedUpstream();
  upstream.script = () => hello();
  const gateway = useGateway({ upstream, redis: useRedis(), replicas: 2 });
  const lets = async (replica: number, token: string) =>
    (await gateway.get(OperatorTokenService, replica).authenticate(`Bearer ${token}`, Date.now(), 'operator')) !==
    undefined;

  it.each([
    [0, 1],
    [1, 0],
  ])('refuse within a second a token that is revoked on gateway %i and known to gateway %i', async (at, elsewhere) => {
    const wanted = { kind: 'operator', label: randomUUID(), createdBy: 'test' } as const;
    const { row, token } = await gateway.get(OperatorTokenAdmin).create(wanted);
    expect([await lets(at, token), await lets(elsewhere, token)]).toEqual([true, true]);
    await gateway.get(OperatorTokenAdmin, at).revoke(row.id);
    await eventually(async () => expect(await lets(elsewhere, token)).toBe(false), { withinMs: 1_000 });
    expect(await lets(at, token)).toBe(false);
  });

  it('take both secrets of a rotated key, and within a second no longer the first one when it is rotated at once', async () => {
    const { key, token } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID());
    const use = async (replica: number, secret: string) =>
      (await gateway.post(ask(), { replica, headers: { authorization: `Bearer ${secret}` } })).status;
    const second = await gateway.get(KeyAdminService).rotateKey(key.id, 900_000);
    expect([await use(0, token), await use(1, token), await use(1, second?.token ?? '')]).toEqual([200, 200, 200]);
    await gateway.get(KeyAdminService).rotateKey(key.id);
    await eventually(async () => expect([await use(1, token), await use(1, second?.token ?? '')]).toEqual([401, 401]), {
      withinMs: 1_000,
    });
  });
});

describe('commands for tokens', () => {
  const database = useDatabase();
  const embedded = useEmbeddedGateway(() => ({ DATABASE_URL: database.url() }));
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await embedded.commands.run(args);
    expect([code, stderr.replace(/^The old secret is good until .*\n$/, '')]).toEqual([0, '']);
    return stdout;
  };
  const fail = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await embedded.commands.run(args);
    expect(code).toBe(1);
    return stderr;
  };

  beforeAll(async () => {
    await run('apply', embedded.file('team.yaml', 'pools: [{ slug: team }]'));
  }, 60_000);

  it('make one, print it once, and list it without its secret', async () => {
    const made = await run(
      'token',
      'create',
      '--label',
      'ci',
      '--scope',
      'read',
      '--scope',
      'keys:write',
      '--pool',
      'team',
    );
    expect(made).toMatch(/^opr-cxp-[0-9a-f]{12}-[\w-]{43}\n$/);
    const [prefix = ''] = /opr-cxp-[0-9a-f]{12}/.exec(made) ?? [];
    expect(await run('token', 'list')).toMatch(
      new RegExp(`${prefix} +ci +operator +active .* read, keys:write +team\n`),
    );
    expect(JSON.parse(await run('token', 'list', '--json'))).toMatchObject([
      { prefix, scopes: ['read', 'keys:write'], pools: ['team'] },
    ]);
    expect(await fail('token', 'create', '--label', 'ci')).toContain('already a token labelled "ci"');
    expect(await fail('token', 'create', '--label', 'x', '--scope', 'root')).toContain('scopes of an operator token');
  });

  it('disable, enable, rotate and revoke one', async () => {
    const { prefix, token } = JSON.parse(
      await run('token', 'create', '--label', 'turned', '--kind', 'mcp', '--json'),
    ) as Record<string, string>;
    expect(token).toMatch(/^mcp-cxp-/);
    expect(await run('token', 'disable', 'turned')).toBe(`Token turned (${prefix}) is disabled.\n`);
    expect(await run('token', 'enable', String(prefix))).toBe(`Token turned (${prefix}) is enabled.\n`);
    const rotated = await run('token', 'rotate', 'turned', '--overlap', '15m');
    expect(rotated).toMatch(/^mcp-cxp-/);
    expect(rotated.trim()).not.toBe(token);
    expect(await run('token', 'revoke', 'turned')).toContain('is revoked.');
    expect(await fail('token', 'rotate', 'turned')).toContain('was revoked: make a new one');
    expect(await fail('token', 'revoke', 'nobody')).toContain('There is no token');
  });

  it('rotate a key', async () => {
    const { prefix, token } = JSON.parse(
      await run('key', 'create', '--label', 'k', '--pool', 'team', '--json'),
    ) as Record<string, string>;
    const rotated = await run('key', 'rotate', String(prefix), '--overlap', '1h');
    expect([rotated.trim() === token, /^sk-cxp-/.test(rotated)]).toEqual([false, true]);
    expect(await fail('key', 'rotate', String(prefix))).toContain('There is no key');
  });

  it('make the tokens that a file declares, as often as it is applied', async () => {
    const file = embedded.file(
      'tokens.yaml',
      `mcpTokens:
  - { label: sre, scopes: [mcp:read] }
operatorTokens:
  - { label: terraform, scopes: [admin], pools: [team], expires: '2030-01-31T00:00:00Z' }
`,
    );
    const first = await run('apply', file);
    expect(first).toMatch(/^MCP token sre: mcp-cxp-\S+\noperator token terraform: opr-cxp-\S+\n$/);
    const before = await run('token', 'list', '--json');
    expect(await run('apply', file)).toBe('MCP token sre\noperator token terraform\n');
    expect(await run('token', 'list', '--json')).toBe(before);
    const wrong = embedded.file('wrong.yaml', 'operatorTokens:\n  - { label: x, scopes: [mcp:read] }\n');
    expect(await fail('apply', wrong)).toContain('line 2: operatorTokens.0.scopes.0 ');
    const nowhere = embedded.file('nowhere.yaml', 'operatorTokens: [{ label: x, pools: [nowhere] }]');
    expect(await fail('apply', nowhere)).toContain('There is no Pool "nowhere".');
  });
});

describe('the first operator token', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const prepare = (firstPool: boolean) => gateway.get(FirstStartService).prepare({ importAuth: false, firstPool });

  it('is made by no start of a fleet', async () => {
    expect((await prepare(false)).minted).toEqual([]);
    expect(await gateway.get(OperatorTokenAdmin).any('operator')).toBe(false);
  });

  it('is minted once where a person reads it, allows everything, and is in the audit', async () => {
    const { minted } = await prepare(true);
    expect(minted).toEqual([{ what: 'operator token default', token: expect.stringMatching(MINTED) }]);
    expect((await prepare(true)).minted).toEqual([]);
    const [row] = await gateway.get(OperatorTokenAdmin).list();
    expect(row).toMatchObject({ label: 'default', scopes: ['admin'], createdBy: 'start' });
    const { items } = await gateway.get(AuditService).query({ action: 'token' }, { limit: 5 });
    expect(items).toMatchObject([{ actor: { kind: 'system' }, action: 'token.create', outcome: 'success' }]);
  });
});

describe('a gateway that is given its first operator token', () => {
  const embedded = useEmbeddedGateway(() => ({ OPERATOR_TOKEN }));

  it('takes it, says nothing of it, and takes no other one later', async () => {
    let running = await embedded.serve();
    expect(running.output()).not.toContain('operator token');
    const list = async () => JSON.parse((await embedded.run(['token', 'list', '--json'])).stdout) as object[];
    const first = await list();
    expect(first).toMatchObject([{ prefix: 'opr-cxp-0123456789ab', scopes: ['admin'] }]);
    await running.terminate();
    running = await embedded.serve([], { OPERATOR_TOKEN: OPERATOR_TOKEN.replace('0123', '4567') });
    expect(await list()).toEqual(first);
    expect(running.output()).toContain('OPERATOR_TOKEN was not taken');
    expect(embedded.printed()).not.toContain('x'.repeat(43));
  });
});

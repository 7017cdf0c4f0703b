import { useDatabase } from '../support/database.js';
import { useEmbeddedGateway } from '../support/embedded-gateway.js';

// Real processes: a busy machine takes its time.
jest.setTimeout(120_000);

type Row = Record<string, unknown>;

describe('commands and the audit', () => {
  const database = useDatabase();
  const embedded = useEmbeddedGateway(() => ({ DATABASE_URL: database.url() }));
  const sql = (text: string) => database.dataSource().query<Row[]>(text);
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await embedded.commands.run(args);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };
  const fail = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await embedded.commands.run(args);
    expect(code).toBe(1);
    return stderr;
  };
  const newest = async (): Promise<Row> =>
    (JSON.parse(await run('audit', 'list', '--json', '--limit', '1')) as { items: Row[] }).items[0] ?? {};
  let prefix = '';
  let token = '';

  beforeAll(async () => {
    await run('apply', embedded.file('team.yaml', 'pools: [{ slug: team }]'));
    const made = JSON.parse(await run('key', 'create', '--label', 'ci', '--pool', 'team', '--json')) as Record<
      string,
      string
    >;
    ({ prefix = '', token = '' } = made);
  }, 60_000);

  it('say who did what to what, before and after, without a secret', async () => {
    expect(await newest()).toMatchObject({
      actor: { kind: 'local', label: expect.stringMatching(/./) },
      action: 'key.create',
      target: { type: 'key', label: 'ci', id: expect.any(String) },
      poolId: expect.any(String),
      outcome: 'success',
      details: { after: { label: 'ci', prefix } },
    });
    await run('key', 'set', prefix, '--forced-model', 'gpt-5.4');
    expect(await newest()).toMatchObject({
      action: 'key.set',
      details: { before: { forcedModel: null }, after: { forcedModel: 'gpt-5.4' } },
    });
    const kept = await sql('SELECT to_jsonb(audit_event)::text AS text FROM audit_event');
    expect(JSON.stringify(kept)).not.toContain(token.slice(20));
  });

  const commands: [string, string, () => string[]][] = [
    ['key.pause', 'ci', () => ['key', 'pause', prefix]],
    ['key.resume', 'ci', () => ['key', 'resume', prefix]],
    ['key.limit.set', 'ci', () => ['key', 'limit', 'set', prefix, '--requests-per-minute', '5']],
    ['key.limit.remove', 'ci', () => ['key', 'limit', 'remove', prefix]],
    ['pool.limit.set', 'team', () => ['pool', 'limit', 'set', 'team', '--usd-per-day', '5']],
    ['pool.set', 'team', () => ['pool', 'set', 'team', '--name', 'The team']],
    ['price.set', 'gpt-5.5', () => ['prices', 'set', 'gpt-5.5', '--input', '1', '--output', '2']],
    ['price.unset', 'gpt-5.5', () => ['prices', 'unset', 'gpt-5.5']],
    ['file.apply', 'again.yaml', () => ['apply', embedded.file('again.yaml', 'pools: [{ slug: team }]')]],
    ['token.create', 't', () => ['token', 'create', '--label', 't']],
    ['token.rotate', 't', () => ['token', 'rotate', 't']],
    ['token.disable', 't', () => ['token', 'disable', 't']],
    ['token.enable', 't', () => ['token', 'enable', 't']],
    ['token.revoke', 't', () => ['token', 'revoke', 't']],
    ['key.revoke', 'ci', () => ['key', 'revoke', prefix]],
  ];
  it.each(commands)('have %s of %s in it', async (action, target, args) => {
    await run(...args());
    const event = await newest();
    expect(event).toMatchObject({ action, outcome: 'success' });
    expect(Object.values(event['target'] as Row)).toContain(target);
  });

  it('have what failed in it, by its kind', async () => {
    await fail('key', 'resume', prefix);
    expect(await newest()).toMatchObject({ action: 'key.resume', outcome: 'failure', details: { code: 'conflict' } });
  });

  it('list what is asked for, and export all of it', async () => {
    expect(await run('audit', 'list', '--action', 'pool', '--outcome', 'success')).toMatch(
      /^TIME +ACTOR +ACTION .*\n.* pool\.set +team +success/,
    );
    const lines = (await run('audit', 'export'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, at) => at + 1));
    const csv = (await run('audit', 'export', '--format', 'csv', '--action', 'pool.set')).split('\r\n');
    expect([csv[0], csv.length]).toEqual([expect.stringMatching(/^seq,id,occurred_at,/), 4]);
    expect(await run('audit', 'verify')).toMatch(
      new RegExp(`^${lines.length} events, 1 to ${lines.length}: the chain holds`),
    );
  });

  it('change nothing while the audit cannot be written', async () => {
    await sql('ALTER TABLE audit_chain RENAME TO audit_chain_away');
    await fail('key', 'create', '--label', 'unseen', '--pool', 'team');
    await fail('pool', 'set', 'team', '--name', 'Unseen');
    await sql('ALTER TABLE audit_chain_away RENAME TO audit_chain');
    expect(await run('key', 'list')).not.toContain('unseen');
    expect(await run('pool', 'list')).not.toContain('Unseen');
  });

  it('say where the chain is broken', async () => {
    await sql('ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only');
    await sql(`UPDATE audit_event SET actor_label = 'nobody' WHERE seq = 3`);
    expect(await fail('audit', 'verify')).toMatch(/The chain is broken at 3 \(event [\w-]+\): an event was changed\./);
  });
});

import { useDatabase } from '../support/database.js';
import { useEmbeddedGateway } from '../support/embedded-gateway.js';

// Real processes: a busy machine takes its time.
jest.setTimeout(120_000);

type Row = Record<string, unknown>;

describe('commands for keys and Pools', () => {
  const database = useDatabase();
  const embedded = useEmbeddedGateway(() => ({ DATABASE_URL: database.url() }));

  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await embedded.commands.run(args);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };
  const ended = async (expected: number, args: readonly string[]): Promise<string> => {
    const { code, stderr } = await embedded.commands.run(args);
    expect(code).toBe(expected);
    return stderr;
  };
  const fail = (...args: string[]): Promise<string> => ended(1, args);
  const newKey = async (label: string, ...args: string[]): Promise<string> => {
    const made = JSON.parse(await run('key', 'create', '--label', label, '--pool', 'team', '--json', ...args)) as Row;
    return String(made['prefix']);
  };
  const shown = async (prefix: string): Promise<Row> => JSON.parse(await run('key', 'show', prefix, '--json')) as Row;

  beforeAll(async () => {
    await run('migrate');
    await run('apply', embedded.file('team.yaml', 'pools: [{ slug: team }]'));
  }, 60_000);

  it('set what a key may ask for, and take it away again', async () => {
    const key = await newKey('ci', '--model', 'gpt-5*', '--effort', 'clamp=high');
    const rules = ['--alias', 'claude-*=gpt-5.5', '--forced-model', 'gpt-5.4', '--service-tier', 'fast'];
    const more = ['--address', '10.0.0.0/8', '--address', '::1', '--max-concurrent', '4', '--effort', 'up_to=medium'];
    expect(await run('key', 'set', key, ...rules, ...more, '--expires', '2030-01-31T00:00:00Z')).toBe(
      [
        'Key ci:',
        '  models: gpt-5*',
        '  aliases: claude-* → gpt-5.5',
        '  forced model: gpt-5.4',
        '  effort: up_to medium',
        '  service tier: priority',
        '  addresses: 10.0.0.0/8, ::1/128',
        '  calls at once: 4',
        '  expires: 2030-01-31T00:00:00.000Z',
        '',
      ].join('\n'),
    );
    const names = ['model', 'alias', 'forced-model', 'service-tier', 'address', 'max-concurrent', 'effort', 'expires'];
    const none = names.flatMap((name) => [`--${name}`, 'none']);
    expect(await run('key', 'set', key, ...none)).toBe('Key ci:\n  models: all\n');
  });

  it('pause and resume a key, and say so of one that is gone', async () => {
    const key = await newKey('resting');
    expect(await run('key', 'pause', key)).toBe(`Key resting (${key}) is paused.\n`);
    expect(await shown(key)).toMatchObject({ status: 'paused' });
    expect(await run('key', 'resume', key)).toBe(`Key resting (${key}) is active.\n`);
    await run('key', 'revoke', key);
    expect(await fail('key', 'resume', key)).toBe('codex-pooler: The key resting was revoked: make a new one.\n');
    expect(await fail('key', 'pause', 'sk-cxp-000000000000')).toContain('There is no key of that prefix or id.');
  });

  it('set limits of a key and of a Pool, in all and of models', async () => {
    const key = await newKey('limited');
    await run('key', 'limit', 'set', key, '--usd-per-day', '5', '--requests-per-minute', '60', '--warn-percent', '80');
    expect(await run('key', 'limit', 'set', key, '--model', 'GPT-5.5*', '--tokens-per-week', '1000000')).toBe(
      [
        'Key limited:',
        '  all models: 60 requests per minute, 5.00 USD per day, warned from 80 % on',
        '  gpt-5.5*: 1000000 tokens per week',
        '',
      ].join('\n'),
    );
    expect(await run('pool', 'limit', 'set', 'team', '--usd-per-month', '100.5')).toBe(
      'Pool team:\n  all models: 100.50 USD per month\n',
    );
    expect(await run('key', 'show', key)).toBe(
      [
        `Key limited (${key}) of Pool team: active`,
        '  models: all',
        'Limits of the key:',
        '  all models: 60 requests per minute, 5.00 USD per day, warned from 80 % on',
        '  gpt-5.5*: 1000000 tokens per week',
        '    requests_per_minute: 0 of 60 used, 60 left',
        '    usd_per_day: 0.00 of 5.00 used, 5.00 left',
        '    tokens_per_week of gpt-5.5*: 0 of 1000000 used, 1000000 left',
        'Limits of Pool team:',
        '  all models: 100.50 USD per month',
        '    usd_per_month: 0.00 of 100.50 used, 100.50 left',
        '',
      ].join('\n'),
    );
    await run('key', 'limit', 'set', key, '--requests-per-minute', 'none', '--warn-percent', 'none');
    await run('key', 'limit', 'remove', key, '--model', 'gpt-5.5*');
    expect((await shown(key))['limits']).toMatchObject([{ scope: 'key', nanoUsdPerDay: 5_000_000_000 }]);
    expect(await run('pool', 'limit', 'remove', 'team')).toBe('Pool team:\n  no limits\n');
    expect(await fail('pool', 'limit', 'remove', 'team')).toBe('codex-pooler: Pool team has no such limit.\n');
  });

  it('set a Pool', async () => {
    const set = ['--max-concurrent', '8', '--default-model', 'gpt-5.5', '--unlisted-models', 'on', '--images', 'off'];
    expect(await run('pool', 'set', 'team', ...set)).toContain('  max_concurrent: 8\n  unlisted_models: true\n');
    await run('pool', 'set', 'team', '--max-concurrent', 'none', '--strategy', 'priority');
    const pool = JSON.parse(await run('pool', 'show', 'team', '--json')) as Row;
    expect(pool).toMatchObject({ max_concurrent: null, strategy: 'priority', default_model: 'gpt-5.5', images: false });
    expect(await run('pool', 'list')).toMatch(/^SLUG +NAME +STATUS +STRATEGY +MAX_CONCURRENT\nteam +team +active/);
    expect(await fail('pool', 'set', 'nowhere', '--v1', 'off')).toContain('There is no Pool "nowhere".');
  });

  it.each([
    [['--effort', 'most=low'], 2, 'Not a rule'],
    [['--service-tier', 'gold'], 2, 'Not one of'],
    [['--forced-model', 'a b'], 1, 'no blanks'],
    [['--alias', 'claude'], 1, 'not empty'],
    [['--address', '10.0.0.0/99'], 1, 'no CIDR block'],
    [[], 1, 'Say what to set.'],
  ])('refuse nonsense: key set %j', async (args, code, why) => {
    const key = await newKey(`n-${args.join('-').replaceAll(/[^a-z]/g, '')}`);
    expect(await ended(code, ['key', 'set', key, ...args])).toContain(why);
  });

  it('make a Pool, once, and try dry what would refuse calls', async () => {
    expect(await run('pool', 'create', 'night', '--name', 'At night', '--v1', 'off')).toMatch(
      /^Pool night:\n {2}name: At night\n {2}status: active\n[^]* {2}v1: false\n/,
    );
    expect(await fail('pool', 'create', 'night')).toBe('codex-pooler: There is already a Pool "night".\n');
    const made = await run('key', 'create', '--label', 'cron', '--pool', 'night');
    const key = made.slice(0, 19);
    expect(await run('pool', 'set', 'night', '--status', 'disabled', '--dry-run')).toBe(
      'Calls with the keys of the Pool are refused; not revoked: 1.\nNothing was changed.\n',
    );
    expect(await run('key', 'rotate', key, '--overlap', '15m', '--dry-run')).toBe(
      `The secret ${key} is refused after 900 s.\nNothing was changed.\n`,
    );
    expect(await run('key', 'revoke', key, '--dry-run')).toContain('It cannot be taken back.\nNothing was changed.\n');
    expect(await run('key', 'list', '--pool', 'night', '--status', 'active', '--search', 'CRON')).toContain(key);
    expect(await run('key', 'list', '--pool', 'night', '--status', 'revoked')).toBe('No such keys.\n');
    await run('pool', 'set', 'night', '--status', 'archived');
    expect(await run('pool', 'list', '--status', 'archived')).toMatch(/^SLUG .*\nnight +At night +archived/);
    expect(await fail('key', 'create', '--label', 'late', '--pool', 'night')).toContain(
      'The Pool "night" is archived.',
    );
  });

  it('make what a file says so, as often as it is applied', async () => {
    const key = (rest: object) => JSON.stringify({ pools: [{ slug: 'team', keys: [{ label: 'declared', ...rest }] }] });
    const apply = (rest: object) => run('apply', embedded.file('keys.yaml', key(rest)));
    const prefixOf = async () => {
      const keys = JSON.parse(await run('key', 'list', '--json')) as { label: string; prefix: string }[];
      return keys.find(({ label }) => label === 'declared')?.prefix ?? '';
    };
    const policy = {
      models: ['gpt-5.5*'],
      aliases: { 'claude-*': 'gpt-5.5' },
      effort: { mode: 'always', value: 'low' },
      addresses: ['192.0.2.0/24'],
      expires: '2030-01-31T00:00:00Z',
      paused: true,
      limits: { usdPerDay: 1.5, tokensPerDay: 9 },
      modelLimits: { 'gpt-5.5*': { requestsPerMinute: 3 } },
    };
    await apply(policy);
    const first = await shown(await prefixOf());
    expect(first).toMatchObject({
      status: 'paused',
      models: ['gpt-5.5*'],
      aliases: [['claude-*', 'gpt-5.5']],
      effort: { mode: 'always', value: 'low' },
      addresses: ['192.0.2.0/24'],
      expires: '2030-01-31T00:00:00.000Z',
      limits: [
        { nanoUsdPerDay: 1_500_000_000, tokensPerDay: 9 },
        { model: 'gpt-5.5*', requestsPerMinute: 3 },
      ],
    });
    await apply(policy);
    await apply({});
    expect(await shown(await prefixOf())).toEqual(first);
    await apply({ effort: null, aliases: null, limits: { usdPerDay: null }, modelLimits: null, paused: false });
    expect(await shown(await prefixOf())).toMatchObject({
      status: 'active',
      effort: null,
      aliases: [],
      limits: [{ tokensPerDay: 9 }],
    });
    expect(await fail('apply', embedded.file('bad.yaml', key({ forcedModel: 'gpt-4' })))).toContain('not among');
  });
});

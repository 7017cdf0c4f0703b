import { randomBytes } from 'node:crypto';
import { useDatabase } from '../support/database.js';
import { useEmbeddedGateway } from '../support/embedded-gateway.js';
import { forTheBlock } from '../support/for-the-block.js';
import { ScriptedPlatform } from '../support/scripted-platform.js';

// Real processes: a busy machine takes its time.
jest.setTimeout(120_000);

describe('the command that adds an API key', () => {
  const apiKey = `sk-proj-${randomBytes(24).toString('hex')}`;
  const platform = new ScriptedPlatform();
  const database = useDatabase();
  const embedded = useEmbeddedGateway(() => ({
    DATABASE_URL: database.url(),
    OPENAI_UPSTREAM_BASE_URL: platform.url,
    THE_KEY: apiKey,
  }));
  forTheBlock(
    () => platform.start(),
    () => platform.stop(),
  );
  // A variable that an operator names is read where a command runs, also when that is here.
  forTheBlock(
    () => (process.env['THE_KEY'] = apiKey),
    () => delete process.env['THE_KEY'],
  );

  const typed = (key: string, ...args: string[]) => {
    const command = embedded.attend(['account', 'add-key', '--label', 'overflow', ...args]);
    command.type(key);
    return command.ended;
  };
  const accounts = async () => {
    const { stdout } = await embedded.commands.run(['account', 'list', '--json']);
    return JSON.parse(stdout) as Record<string, unknown>[];
  };

  beforeAll(async () => {
    platform.keys.add(apiKey);
    const gateway = await embedded.serve();
    expect(gateway.url).toMatch(/^http/);
  }, 60_000);

  it('reads it from standard input, and takes only one that the provider takes', async () => {
    expect(await typed('sk-proj-unknown-to-anybody')).toMatchObject({
      code: 1,
      stderr: 'codex-pooler: The account was refused: the provider refused the API key (invalid_api_key).\n',
    });
    const { code, stdout } = await typed(apiKey, '--priority', '1');
    expect([code, stdout]).toEqual([0, 'API key: \nAccount overflow is in Pool default: created.\n']);
    expect(await accounts()).toMatchObject([
      { label: 'overflow', kind: 'openai', status: 'active', pools: [{ pool: 'default', priority: 1 }] },
    ]);
  });

  it('reads it from a variable, and finds that it is there already', async () => {
    const { stdout } = await embedded.run(['account', 'add-key', '--label', 'overflow', '--api-key-env', 'THE_KEY']);
    expect(stdout).toBe('Account overflow is in Pool default: unchanged.\n');
    expect(
      await embedded.commands.run(['account', 'add-key', '--label', 'x', '--api-key-env', 'NOT_SET']),
    ).toMatchObject({ code: 1, stderr: 'codex-pooler: The variable NOT_SET is not set.\n' });
  });

  it('does what the declarative file can say as well', async () => {
    const file = embedded.file(
      'seed.yaml',
      'pools:\n  - slug: batch\n    accounts:\n      - { label: overflow, kind: openai, apiKeyEnv: THE_KEY, priority: 2 }\n',
    );
    const { code, stdout } = await embedded.commands.run(['apply', file]);
    expect([code, stdout]).toEqual([0, 'Pool batch\naccount overflow in batch: unchanged\n']);
    expect((await accounts())[0]?.['pools']).toMatchObject([{ pool: 'default' }, { pool: 'batch', priority: 2 }]);
  });

  it('prints no key', () => {
    expect(embedded.printed()).toContain('Account overflow');
    expect(embedded.printed()).not.toContain(apiKey);
  });
});

import { parseSeedFile, SeedFileInvalid } from './seed-file.js';

const problemsOf = (text: string): string => {
  try {
    parseSeedFile(text);
  } catch (error) {
    if (error instanceof SeedFileInvalid) return error.message;
    throw error;
  }
  return '';
};

describe('parseSeedFile', () => {
  it('reads Pools with settings, accounts and keys', () => {
    const text = `
pools:
  - slug: team
    settings: { strategy: balanced, defaultModel: gpt-5.5, allowUnlistedModels: true, reportCapacity: true }
    accounts:
      - { label: alice, authJson: ./alice.json }
      - { label: bob, authJsonEnv: BOB_AUTH_JSON, priority: 1, maxConcurrent: 4 }
      - { label: eve, authJson: ./eve.json, maxConcurrent: null }
    keys:
      - { label: ci, secretEnv: POOL_KEY_CI }
      - { label: laptop, models: [gpt-5.5, gpt-image-2] }
      - { label: free, models: null }
`;
    expect(parseSeedFile(text)).toEqual({
      pools: [
        {
          slug: 'team',
          settings: { strategy: 'balanced', defaultModel: 'gpt-5.5', allowUnlistedModels: true, reportCapacity: true },
          accounts: [
            { label: 'alice', authJson: './alice.json' },
            { label: 'bob', authJsonEnv: 'BOB_AUTH_JSON', priority: 1, maxConcurrent: 4 },
            { label: 'eve', authJson: './eve.json', maxConcurrent: null },
          ],
          keys: [
            { label: 'ci', secretEnv: 'POOL_KEY_CI' },
            { label: 'laptop', models: ['gpt-5.5', 'gpt-image-2'] },
            { label: 'free', models: null },
          ],
        },
      ],
    });
  });

  it('reads what a key may ask for and how, and what it and its Pool may use', () => {
    const limits = { requestsPerMinute: 60, usdPerDay: 0.5, usdPerWeek: '2.25', tokensPerDay: null, warnPercent: 80 };
    const wanted = {
      aliases: { 'claude-*': 'gpt-5.5' },
      forcedModel: null,
      effort: { mode: 'up_to', value: 'medium' },
      serviceTier: 'fast',
      addresses: ['10.0.0.0/8'],
      paused: true,
      limits,
      modelLimits: { 'gpt-5.5*': limits, o3: null },
    };
    const key = { label: 'ci', ...wanted, expires: '2027-01-31T00:00:00Z' };
    const settings = { limits: null, modelLimits: null };
    const text = JSON.stringify({ pools: [{ slug: 'team', settings, keys: [key] }] });
    const expires = new Date('2027-01-31T00:00:00Z');
    expect(parseSeedFile(text)).toEqual({
      pools: [{ slug: 'team', settings, keys: [{ label: 'ci', ...wanted, expires }] }],
    });
  });

  it.each([
    ['expires: soon', 'expires'],
    ['expires: true', 'expires'],
    ['effort: { mode: at_most, value: low }', 'effort'],
    ['effort: { mode: clamp }', 'effort'],
    ['serviceTier: gold', 'serviceTier'],
    ['addresses: []', 'addresses'],
    ['limits: { tokensPerDay: 0 }', 'tokensPerDay'],
    ['limits: { tokensPerYear: 1 }', 'tokensPerYear'],
    ['modelLimits: { a: { warnPercent: 101 } }', 'warnPercent'],
  ])('takes no key with %s', (given, name) => {
    expect(problemsOf(`pools:\n  - slug: team\n    keys:\n      - { label: ci, ${given} }\n`)).toMatch(
      new RegExp(`^line 4: .*${name}`),
    );
  });

  it('takes an empty file for no wishes', () => {
    expect(parseSeedFile('')).toEqual({});
  });

  it('names the line of an unknown key', () => {
    expect(problemsOf('pools:\n  - slug: team\n    setings: {}\n')).toMatch(/^line 3: .*setings/);
  });

  it('names the line of every wrong value, and not the value', () => {
    const problems = problemsOf('pools:\n  - slug: Team A\n    keys:\n      - { label: ci, secretEnv: sk-cxp-oops }\n');
    expect(problems).toMatch(/^line 2: .*slug[^]*\nline 4: .*secretEnv/);
    expect(problems).not.toMatch(/sk-cxp-oops|Team A/);
  });

  it.each(['[]', "['']", 'gpt-5.5'])('does not take %s for the models of a key', (models) => {
    expect(problemsOf(`pools:\n  - slug: a\n    keys:\n      - { label: x, models: ${models} }\n`)).toMatch(
      /line 4: .*models/,
    );
  });

  it('wants exactly one source of a login', () => {
    expect(problemsOf('pools:\n  - slug: a\n    accounts:\n      - { label: x }\n')).toMatch(
      /line 4: .*one of authJson/,
    );
  });

  it('takes an API key by the name of its variable, and a kind only with it', () => {
    const account = (fields: string) => `pools:\n  - slug: a\n    accounts:\n      - { label: x, ${fields} }\n`;
    const [pool] = parseSeedFile(account('kind: openai, apiKeyEnv: OPENAI_API_KEY, priority: 1')).pools ?? [];
    expect(pool?.accounts).toEqual([{ label: 'x', kind: 'openai', apiKeyEnv: 'OPENAI_API_KEY', priority: 1 }]);
    expect(problemsOf(account('apiKeyEnv: KEY, authJson: ./x.json'))).toMatch(/line 4: .*one of authJson/);
    expect(problemsOf(account('kind: openai, authJson: ./x.json'))).toMatch(/line 4: .*apiKeyEnv/);
  });

  it('names the line of broken YAML', () => {
    expect(problemsOf('pools:\n  - slug: [a\n')).toMatch(/^line \d+: /);
  });
});

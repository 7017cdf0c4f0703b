import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newCallId, type KeyId, type PoolId } from '../../src/core/index.js';
import { useCommandLine } from '../support/command-line.js';
import { useDatabase } from '../support/database.js';
import type { Ended } from '../support/gateway-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// An application is opened on a busy machine.
jest.setTimeout(60_000);

const GUIDE = readFileSync(join(__dirname, '../../docs/prices.md'), 'utf8');
const BUILT_IN = join(__dirname, '../../src/accounting/prices/openai.json');

interface PriceFile {
  readonly models: Readonly<Record<string, { readonly tiers: Readonly<Record<string, { readonly default: object }>> }>>;
}

describe('codex-pooler prices', () => {
  const commands = useCommandLine(() => ({ DATA_DIR: folder.path(), DATABASE_URL: database.url() }));
  const database = useDatabase();
  const folder = temporaryFolder();
  const prices = (...args: string[]): Promise<Ended> => commands.run(['prices', ...args]);
  const said = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await prices(...args);
    expect([code, stderr]).toEqual([0, '']);
    return stdout.trim();
  };
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await prices(...args);
    expect([1, 2]).toContain(code);
    return stderr.trim();
  };
  /** What the guide shows of a command. */
  const shown = (command: string): string | undefined => {
    const isOf = (part: string): boolean =>
      part.trim().replaceAll("'", '').startsWith(`$ codex-pooler prices ${command}\n`);
    const block = GUIDE.split('\n\n').find(isOf);
    return block
      ?.split('\n')
      .slice(1)
      .map((line) => line.replace(/^ {4}/, ''))
      .join('\n');
  };
  /** The list that we ship, as another version and with another price of one model. */
  const written = (version: string, price: object): string => {
    const file = JSON.parse(readFileSync(BUILT_IN, 'utf8')) as PriceFile;
    Object.assign(file, { version });
    Object.assign(file.models['gpt-5.5']?.tiers.default?.default ?? {}, price);
    const path = join(folder.path(), `${randomUUID()}.json`);
    writeFileSync(path, JSON.stringify(file));
    return path;
  };
  const aCall = (model: string) =>
    database.dataSource().query(
      `INSERT INTO ledger_entry (call_id, outcome, usage_known, input_uncached, input_cached, cache_write, output, reasoning,
                                 model, requested_model, metered, pool_id, key_id, settled_by, received_at, occurred_at,
                                 settled_at, cost_status)
       VALUES ($1, 'succeeded', true, 12000, 88000, 0, 900, 600, $2, $2, false, $3, $4, 'queue', $5, $5, $5, 'unpriced')`,
      [newCallId(Date.UTC(2026, 10, 1)), model, randomUUID() as PoolId, randomUUID() as KeyId, '2026-11-01T12:00:00Z'],
    );

  beforeEach(() =>
    database.dataSource().query('TRUNCATE model_price, price_feed, ledger_entry, cost_correction RESTART IDENTITY'),
  );

  it('lists what its guide shows', async () => {
    expect(await said('list', '--model', 'gpt-5.5')).toBe(shown('list --model gpt-5.5'));
  });

  it('sets a price of one’s own and takes it back, as its guide shows', async () => {
    const set = ['set', 'acme-coder*', '--input', '1.25', '--cached-input', '0.125', '--output', '10'];
    expect(await said(...set)).toBe(shown(set.join(' ')));
    expect(await said('list', '--model', 'acme*')).toContain('acme-coder*  default  any');
    expect(await said('unset', 'acme-coder*')).toBe(shown('unset acme-coder*'));
    expect(await said('list', '--model', 'acme*')).toContain('No such model has a price.');
    expect(await refused('unset', 'acme-coder*')).toContain('No price of your own is set for acme-coder* there.');
  });

  it('sets prices by tier and by length of the input, and tells them to machines', async () => {
    await said('set', 'gpt-5.5', '--input', '2', '--output', '3', '--tier', 'fast', '--long-context');
    const { version, prices: rows } = JSON.parse(await said('list', '--model', 'gpt-5.5', '--json')) as {
      version: string;
      prices: object[];
    };
    expect(version).toMatch(/\+o1$/);
    expect(rows).toContainEqual({
      model: 'gpt-5.5',
      tier: 'priority',
      input_length: 'above 272000',
      from: 'you (o1)',
      input: '2.00',
      output: '3.00',
    });
  });

  it.each([
    ['no price', ['set', 'gpt-5.5', '--input', '-1', '--output', '1'], 'Not USD per 1M tokens'],
    ['too exact', ['set', 'gpt-5.5', '--input', '0.0000001', '--output', '1'], 'Not USD per 1M tokens'],
    ['half a price', ['set', 'gpt-5.5', '--input', '1'], 'required option'],
    ['no model', ['set', 'a b', '--input', '1', '--output', '1'], 'That is no name of a model.'],
    ['no tier', ['set', 'gpt-5.5', '--input', '1', '--output', '1', '--tier', 'a b'], 'Not a tier'],
    ['no days', ['replay', '--from', '2026-11-02', '--to', '2026-11-02'], '--to is the first day'],
    ['no list', ['import', 'http://prices.example.com/a'], 'public https:// URL'],
    ['no file', ['import', '/nowhere/prices.json'], 'The file cannot be read.'],
  ])('refuses %s', async (_, args, why) => {
    expect(await refused(...args)).toContain(why);
  });

  it('imports a newer list, and refuses one that looks wrong unless it is told to', async () => {
    const dearer = written('2099-01-01', { input: '6' });
    expect(await said('import', dearer)).toBe(shown('import prices.json'));
    expect(await said('import', dearer)).toBe('Prices of 2099-01-01 are known already.');
    const wrong = written('2099-01-02', { output: '3000' });
    expect(await refused('import', wrong)).toBe(shown('import wrong.json'));
    expect(await said('list', '--model', 'gpt-5.5')).toContain('Price list 2099-01-01,');
    expect(await said('import', wrong, '--force')).toContain('Prices of 2099-01-02 imported');
  });

  it('computes the cost of past calls anew, as its guide shows', async () => {
    for (const model of ['gpt-5.5', 'gpt-5.5', 'gpt-6-sol', 'acme-coder-1']) await aCall(model);
    const replay = ['replay', '--from', '2026-11-01', '--to', '2026-12-01'];
    expect(await said(...replay, '--dry-run')).toBe(shown([...replay, '--dry-run'].join(' ')));
    expect(await said(...replay)).toContain('3 of 4 calls cost something else now.');
    expect(await said(...replay)).toContain('0 of 4 calls cost something else now.');
  });
});

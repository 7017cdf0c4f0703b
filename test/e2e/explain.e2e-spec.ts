import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DecisionRecord } from '../../src/accounting/index.js';
import { useCommandLine } from '../support/command-line.js';
import { useGatewayProcesses, type Ended } from '../support/gateway-process.js';
import { useGateway } from '../support/gateway.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TwelveAccounts } from '../support/twelve-accounts.js';

// Real processes: a busy machine takes its time.
jest.setTimeout(120_000);

const SHOWN = /<!-- explain output: begin -->\n\n([^]*?)\n\n<!-- explain output: end -->/;
const TIME = /\d+ (?:d|h|min|s)(?: \d+ (?:h|min))?\b/g;

/** Without what is different at every run: times, and the columns that they make wider. */
const timeless = (text: string): string[] =>
  text
    .trim()
    .replace(TIME, '<time>')
    .split('\n')
    .map((line) => line.trim().replace(/ {2,}/g, ' | '));

describe('codex-pooler explain', () => {
  const environment = () => ({ DATA_DIR: folder.path(), DATABASE_URL: gateway.databaseUrl() });
  const commands = useCommandLine(environment);
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const folder = temporaryFolder();
  const processes = useGatewayProcesses();
  const twelve = new TwelveAccounts(gateway, upstream);

  const explain = (...args: string[]) => commands.run(['explain', ...args]);

  beforeAll(async () => {
    await twelve.make('team');
    await twelve.enterStates();
  });

  const told = ({ code, stdout, stderr }: Ended): string => {
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };

  it('shows what the README shows of twelve accounts in as many states', async () => {
    const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
    const [, shown = ''] = SHOWN.exec(readme) ?? [];
    const [command = '', , ...lines] = shown.split('\n');
    const args = command.trim().replace('$ codex-pooler explain ', '').split(' ');
    const asProcess = await processes.run(environment(), ['explain', ...args]);
    expect(timeless(told(asProcess))).toEqual(timeless(lines.join('\n')));
  });

  it('says the same to machines, with times of ISO 8601', async () => {
    const { decision, ...rest } = JSON.parse(told(await explain('--pool', 'team', '--model', 'gpt-5.5', '--json'))) as {
      decision: DecisionRecord;
    };
    expect(rest).toMatchObject({ pool: { slug: 'team' }, model: 'gpt-5.5', operation: 'responses', reach: 'process' });
    expect(decision.candidates.slice(0, 2).map(({ label }) => label)).toEqual(['alice', 'bob']);
    const reasons = Object.fromEntries(decision.exclusions.map(({ label, reason }) => [label, reason]));
    expect(reasons).toMatchObject({ dave: 'quota_exhausted', frank: 'paused', heidi: 'login_required' });
    const dave = decision.exclusions.find(({ label }) => label === 'dave');
    expect(dave?.clearsAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(dave?.evidence).toMatchObject({ source: 'usage', windowMinutes: 10_080, usedPercent: 100 });
  });

  it.each([
    ['a Pool that is not there', ['--pool', 'none', '--model', 'gpt-5.5'], 'There is no Pool "none".'],
    [
      'a key that is not there',
      ['--pool', 'team', '--model', 'gpt-5.5', '--key', 'none'],
      'There is no key "none" in Pool team.',
    ],
    [
      'a session of nobody',
      ['--pool', 'team', '--model', 'gpt-5.5', '--session', 's'],
      'Say which key: what two keys call by one name is not the same session or prompt cache.',
    ],
    ['a call of no model', ['--pool', 'team'], 'Say which model.'],
    ['nothing', [], 'Say --pool and --model, or --request.'],
    ['a past call that is not there', ['--request', 'none'], 'No call of that id is known.'],
  ])('refuses %s in one line', async (_, args, said) => {
    expect(await explain(...args)).toEqual({ code: 1, stdout: '', stderr: `codex-pooler: ${said}\n` });
  });
});

import { Command } from 'commander';
import { ControlError } from '../../control/index.js';
import { Unreachable } from '../client/unreachable.js';
import { CommandFailed } from './context.js';
import { runCommandLine } from './run-command-line.js';

const away = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

async function run(args: readonly string[], thrown?: Error) {
  const program = new Command('codex-pooler').version('1.2.3').showHelpAfterError();
  program
    .command('do')
    .option('--json')
    .action(() => (thrown === undefined ? undefined : Promise.reject(thrown)));
  const said = { stdout: '', stderr: '' };
  const code = await runCommandLine(program, args, {
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
  });
  return { code, ...said };
}

describe('the exit code of a command', () => {
  it.each<[string, number, Error | undefined]>([
    ['was done', 0, undefined],
    ['was refused', 1, new ControlError('conflict', 'It is there.')],
    ['failed', 1, new CommandFailed('There is none.')],
    ['found nobody', 3, new Unreachable('Nobody answers.')],
    ['found no database', 3, away()],
    ['cannot be done right now', 3, new ControlError('unavailable', 'Later.')],
    ['showed no good token', 4, new ControlError('unauthorized', 'Who?')],
    ['may not', 4, new ControlError('forbidden', 'No.')],
  ])('of one that %s is told', async (_, code, thrown) => {
    const stderr = thrown === undefined ? '' : `codex-pooler: ${thrown.message}\n`;
    expect(await run(['do'], thrown)).toEqual({ code, stdout: '', stderr });
  });

  it.each([[['nothing']], [['do', '--no-such']], [['do', 'too', 'many']], [[]]])('is 2 for %j', async (args) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: codex-pooler');
  });

  it.each([['--help'], ['--version']])('is 0 for %s', async (option) => {
    const { code, stdout, stderr } = await run([option]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).not.toBe('');
  });
});

describe('a failure for machines', () => {
  const failed = async (args: readonly string[], thrown?: Error): Promise<unknown> => {
    const { stdout, stderr } = await run(args, thrown);
    expect([stdout, stderr.split('\n').length]).toEqual(['', 2]);
    return JSON.parse(stderr);
  };

  it('is the problem of the API', async () => {
    const problems = [{ path: 'slug', message: 'too long' }];
    expect(await failed(['do', '--json'], new ControlError('invalid_input', 'slug: too long', problems))).toEqual({
      type: 'urn:codex-pooler:problem:invalid_input',
      title: 'The request is not valid',
      status: 400,
      detail: 'slug: too long',
      code: 'invalid_input',
      errors: problems,
      exitCode: 1,
    });
  });

  it('looks alike where no API was asked', async () => {
    const ours = { type: expect.stringMatching(/^urn:codex-pooler:problem:/), title: expect.any(String) };
    expect(await failed(['do', '--json', '--no-such'])).toEqual({
      ...ours,
      detail: "unknown option '--no-such'",
      code: 'usage',
      exitCode: 2,
    });
    expect(await failed(['do', '--json'], new Unreachable('Nobody answers.'))).toMatchObject({
      ...ours,
      detail: 'Nobody answers.',
      code: 'unreachable',
      exitCode: 3,
    });
    expect(await failed(['do', '--json'], new CommandFailed('No.'))).toMatchObject({ code: 'failed', exitCode: 1 });
  });
});

import { CommanderError, type Command } from 'commander';
import { ControlError } from '../../control/index.js';
import { problemOf } from '../api/problem.js';
import { EXIT, exitCodeOf } from './exit-code.js';

interface Outputs {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/**
 * Run one command to its end. Why it failed goes to stderr: a line for people, a problem in JSON for who asked for
 * `--json`.
 *
 * @returns its exit code
 */
export async function runCommandLine(
  program: Command,
  args: readonly string[],
  { stdout, stderr }: Outputs,
): Promise<number> {
  const json = args.includes('--json');
  // What the parser says of a command line that is not valid is more than one line, and none of it is JSON.
  overhear(program, { stdout, stderr: json ? { write: () => undefined } : stderr });
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.done;
    const isUsage = thrown instanceof CommanderError;
    const exitCode = isUsage ? EXIT.usage : exitCodeOf(thrown);
    if (json) stderr.write(`${JSON.stringify(failureOf(thrown, exitCode))}\n`);
    else if (!isUsage) stderr.write(`codex-pooler: ${messageOf(thrown)}\n`);
    return exitCode;
  }
}

/** Of every command below it: they took their settings when they were made. */
function overhear(command: Command, { stdout, stderr }: Outputs): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
  });
  for (const each of command.commands) overhear(each, { stdout, stderr });
}

const TITLES: Readonly<Record<number, readonly [code: string, title: string]>> = {
  [EXIT.usage]: ['usage', 'The command line is not valid'],
  [EXIT.unreachable]: ['unreachable', 'The gateway does not answer'],
};

/** In the form of the operators' API, as far as it goes. */
function failureOf(thrown: unknown, exitCode: number): object {
  if (thrown instanceof ControlError) return { ...problemOf(thrown), exitCode };
  const [code, title] = TITLES[exitCode] ?? ['failed', 'The command failed'];
  const detail = messageOf(thrown).replace(/^error: /, '');
  return { type: `urn:codex-pooler:problem:${code}`, title, detail, code, exitCode };
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : 'failed');

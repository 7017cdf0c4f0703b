import { PassThrough } from 'node:stream';
import { commandContext, operationsOf } from '../../src/command-context.js';
import { commandLine, runCommandLine, type CommandContext, type Services } from '../../src/operator/index.js';
import { loadConfig } from '../../src/platform/config/index.js';
import type { AttendedCommand, Ended, Environment } from './gateway-process.js';

/**
 * Commands as `codex-pooler` runs them, in this process. They share one application, which the first of them opens and
 * the end of the block closes. Call it inside a `describe`, before what its database is started with: Jest runs
 * `afterAll` hooks in the order they were made.
 *
 * @param environment all of it, as a process would have it
 */
export function useCommandLine(environment: () => Environment): CommandLine {
  const commands = new CommandLine(environment);
  afterAll(() => commands.close());
  return commands;
}

class CommandLine {
  private readonly runs: Run[] = [];
  private shared: Promise<Services> | undefined;

  constructor(private readonly environment: () => Environment) {}

  /** Any command but `serve`, to its end, while nobody types. */
  run(args: readonly string[]): Promise<Ended> {
    const run = this.start(args);
    run.typeNothing();
    return run.ended;
  }

  /** The same on an application of its own, which it opens and closes as a process does. */
  runAlone(args: readonly string[]): Promise<Ended> {
    const run = this.start(args, { alone: true });
    run.typeNothing();
    return run.ended;
  }

  /** Any command but `serve`, while somebody reads and types. */
  attend(args: readonly string[]): AttendedCommand {
    return this.start(args);
  }

  /** All that was written by now. */
  printed(): string {
    return this.runs.map(({ stdout, stderr }) => stdout + stderr).join('\n');
  }

  async close(): Promise<void> {
    for (const run of this.runs) run.interrupt();
    await Promise.all(this.runs.map(({ ended }) => ended));
    await (await this.shared)?.close();
  }

  private start(args: readonly string[], { alone = false } = {}): Run {
    const run = new Run();
    this.runs.push(run);
    const config = () => loadConfig({ ...this.environment() });
    // A command that runs when the application logs something would have written it among its own lines.
    const log = { write: (line: string) => this.runs.filter(({ over }) => !over).forEach((each) => each.write(line)) };
    const context: CommandContext = {
      ...commandContext(config, { stdin: run.stdin, stdout: run }, log),
      serve: () => Promise.reject(new Error('It serves in a process of its own.')),
      interrupted: () => run.interruption.signal,
    };
    const { services } = context;
    const shared = async (): Promise<Services> => {
      if (config().POOLER_URL !== undefined) return services();
      this.shared ??= services();
      this.shared.catch(() => (this.shared = undefined));
      return { ...(await this.shared), close: () => Promise.resolve() };
    };
    const operations = (): ReturnType<CommandContext['operations']> => operationsOf(config(), shared);
    run.start(alone ? context : { ...context, services: shared, operations }, args);
    return run;
  }
}

/** One run of a command. */
class Run implements AttendedCommand {
  readonly stdin = new PassThrough();
  readonly interruption = new AbortController();
  stdout = '';
  stderr = '';
  over = false;
  ended: Promise<Ended> = Promise.resolve({ code: null, stdout: '', stderr: '' });

  start(context: CommandContext, args: readonly string[]): void {
    this.ended = this.exitCode(context, args).then((code) => {
      this.over = true;
      return { code, stdout: this.stdout, stderr: this.stderr };
    });
  }

  write(text: string): void {
    this.stdout += text;
  }

  said(): string {
    return this.stdout;
  }

  type(line: string): void {
    this.stdin.write(`${line}\n`);
  }

  typeNothing(): void {
    this.stdin.end();
  }

  interrupt(): void {
    this.interruption.abort();
  }

  private exitCode(context: CommandContext, args: readonly string[]): Promise<number> {
    const stderr = { write: (text: string) => (this.stderr += text) };
    return runCommandLine(commandLine(context, '0.0.0'), args, { stdout: this, stderr });
  }
}

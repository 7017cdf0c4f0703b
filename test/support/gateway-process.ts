import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(__dirname, '../..');
const COMMAND = resolve(ROOT, 'dist/src/cli.js');
const GUARD = resolve(ROOT, 'scripts/guard.cjs');
const BUILD = "import { ensureBuilt } from './scripts/install.mjs'; await ensureBuilt();";
const ADDRESS = /^(?:Codex Pooler answers at|codex-pooler worker:) (http:\/\/[^/\s]+)/m;

const BUILD_MS = 120_000;
/** A start is a second; with an `initdb` before it and a machine full of other tests, many. */
const START_MS = 60_000;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  /** Files that Node loads before the command. */
  readonly preload?: readonly string[];
  /** Somebody is there to type; else its standard input is at its end. */
  readonly typed?: boolean;
}

/** A gateway, a worker, or both, as users run them. */
export interface GatewayProcess {
  /** Where it answers. */
  readonly url: string;
  readonly pid: number;
  /** However it ends. */
  readonly ended: Promise<Ended>;
  /** Everything it has written to standard output. */
  output(): string;
  /** SIGKILL, for nothing to be done after it. */
  kill9(): Promise<void>;
  /** SIGTERM, and its end. */
  terminate(): Promise<Ended>;
}

/** A command that a person is at. */
export interface AttendedCommand {
  readonly ended: Promise<Ended>;
  /** Everything it has written to standard output. */
  said(): string;
  type(line: string): void;
  /** Ctrl-C. */
  interrupt(): void;
}

export interface GatewayProcesses {
  /**
   * `codex-pooler serve`, once it says where it answers.
   *
   * @param env all of its environment but PATH; a free port unless PORT is named
   * @throws Error with what it wrote when it ends instead
   */
  serve(env: Environment, args?: readonly string[], options?: ProcessOptions): Promise<GatewayProcess>;
  /** Any `codex-pooler` command, to its end. */
  run(env: Environment, args: readonly string[]): Promise<Ended>;
  /** Any `codex-pooler` command, while somebody reads and types. */
  attend(env: Environment, args: readonly string[]): AttendedCommand;
  /** A command whose output nobody reads: what it writes fails. */
  runUnread(env: Environment, args: readonly string[]): Pick<Command, 'ended' | 'signal'>;
}

/** The built command as real processes, none of which outlives the test file that calls this. */
export function useGatewayProcesses(): GatewayProcesses {
  const running = new Set<Command>();
  const start = (env: Environment, args: readonly string[], options: ProcessOptions = {}): Command => {
    const command = new Command(env, args, options);
    running.add(command);
    void command.ended.finally(() => running.delete(command));
    return command;
  };

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', BUILD], { cwd: ROOT });
  }, BUILD_MS);

  afterAll(async () => {
    await Promise.all(
      [...running].map((command) => {
        command.signal('SIGKILL');
        return command.ended;
      }),
    );
  }, START_MS);

  return {
    serve: async (env, args = [], options = {}) => {
      const command = start({ PORT: '0', WORKER_PORT: '0', ...env }, ['serve', ...args], options);
      return serving(command, await command.address());
    },
    run: (env, args) => start(env, args).ended,
    attend: (env, args) => {
      const command = start(env, args, { typed: true });
      return {
        ended: command.ended,
        said: () => command.stdout,
        type: (line) => command.type(line),
        interrupt: () => command.signal('SIGINT'),
      };
    },
    runUnread: (env, args) => {
      const command = start(env, args);
      command.stopReading();
      return command;
    },
  };
}

const serving = (command: Command, url: string): GatewayProcess => ({
  url,
  pid: command.pid,
  ended: command.ended,
  output: () => command.stdout,
  kill9: async () => {
    command.signal('SIGKILL');
    await command.ended;
  },
  terminate: () => {
    command.signal('SIGTERM');
    return command.ended;
  },
});

/** One run of the command, in a process group of its own. It gets SIGTERM when we die with no chance to say so. */
class Command {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;

  constructor(env: Environment, args: readonly string[], { preload = [], typed = false }: ProcessOptions) {
    const required = [GUARD, ...preload].flatMap((file) => ['--require', file]);
    // Without source maps, which would be a sixth of what it takes to load.
    this.child = spawn(process.execPath, [...required, COMMAND, ...args], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', METRICS_PORT: '0', ...env },
      detached: true,
      stdio: [typed ? 'pipe' : 'ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = once(this.child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error('The process did not start.');
    return pid;
  }

  type(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  stopReading(): void {
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }

  signal(name: 'SIGINT' | 'SIGKILL' | 'SIGTERM'): void {
    try {
      process.kill(-this.pid, name);
    } catch {
      // Gone already.
    }
  }

  /** @throws Error when it ends, or has not said it in time */
  async address(): Promise<string> {
    const late = new Promise<void>((done) => setTimeout(done, START_MS).unref());
    const over = this.ended.then(() => undefined);
    for (;;) {
      const [, url] = ADDRESS.exec(this.stdout) ?? [];
      if (url !== undefined) return url;
      const more = this.child.stdout ? once(this.child.stdout, 'data') : over;
      const happened = await Promise.race([more, over.then(() => 'over'), late.then(() => 'late')]);
      if (typeof happened === 'string') throw new Error(`The gateway is ${happened}: ${this.stdout}\n${this.stderr}`);
    }
  }
}

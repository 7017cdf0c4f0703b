import { spawn } from 'node:child_process';
import { killTree } from './process-tree.js';

export interface AgentCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of its environment but PATH: no proxy, no login of the caller's. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to its standard input; absent: that is closed. */
  readonly input?: string;
  /** The whole process tree is killed after that long. */
  readonly timeoutMs: number;
}

export interface AgentEnd {
  /** `null` when it was killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run a client's command to its end, in a process group of its own. */
export async function runAgent({ file, args, cwd, env, input, timeoutMs }: AgentCommand): Promise<AgentEnd> {
  const child = spawn(file, args, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', ...env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const kill = (): void => {
    if (child.pid !== undefined) killTree(child.pid);
  };
  const timer = setTimeout(kill, timeoutMs);
  process.once('exit', kill);
  try {
    const [stdout, stderr, exitCode] = await Promise.all([
      textFrom(child.stdout),
      textFrom(child.stderr),
      new Promise<number | null>((done, failed) => {
        child.once('error', failed);
        child.once('close', done);
      }),
    ]);
    return { exitCode, stdout, stderr };
  } finally {
    clearTimeout(timer);
    process.off('exit', kill);
  }
}

async function textFrom(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

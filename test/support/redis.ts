import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from './eventually.js';
import { forTheBlock } from './for-the-block.js';

/** A machine that is busy with other tests takes its time. */
const START_MS = 60_000;

export interface TestRedis {
  url(): string;
  /** SIGKILL: connections are reset and all data is gone. */
  stop(): Promise<void>;
  /** On the same port, empty. */
  start(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing is answered. */
  pause(): void;
  resume(): void;
  flush(): Promise<void>;
}

/** The shared JavaScript servers of the run. Other test files use them too: take keys of your own and never flush. */
export const jsRedisUrl = (): string => `redis://${given('CODEX_POOLER_TEST_JS_REDIS')}`;

/** A cluster of three masters. */
export const jsRedisClusterNodes = (): { host: string; port: number }[] =>
  given('CODEX_POOLER_TEST_JS_CLUSTER')
    .split(',')
    .map((address) => address.split(':'))
    .map(([host = '', port]) => ({ host, port: Number(port) }));

/** A Redis server of its own for the test file that calls this, without persistence. */
export function useRedis(): TestRedis {
  let port = 0;
  let server: RunningServer | undefined;
  const running = () => {
    if (server === undefined) throw new Error('Redis is not running.');
    return server;
  };
  const start = async () => {
    if (server !== undefined) throw new Error('Redis is running already.');
    server = await startServer(port);
  };
  const stop = async () => {
    const stopping = running();
    server = undefined;
    await stopping.kill();
  };

  forTheBlock(
    async () => {
      port = await freePort();
      await start();
    },
    async () => {
      if (server !== undefined) await stop();
    },
  );

  return {
    url: () => `redis://127.0.0.1:${port}`,
    stop,
    start,
    pause: () => running().signal('SIGSTOP'),
    resume: () => running().signal('SIGCONT'),
    flush: async () => {
      await ask(port, 'FLUSHALL');
    },
  };
}

interface RunningServer {
  kill(): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
}

/** The shell tells the server's pid and kills it when our end of descriptor 3 is closed, by us or by our death. */
const GUARD = '"$@" >/dev/null & echo $!; server=$!; (cat <&3 >/dev/null; kill -9 $server 2>/dev/null) & wait $server';

async function startServer(port: number): Promise<RunningServer> {
  const env = { ...process.env, LD_LIBRARY_PATH: process.env.CODEX_POOLER_TEST_REDIS_LIBRARIES ?? '' };
  const stdio = ['ignore', 'pipe', 'ignore', 'pipe'] as const;
  const child = spawn('/bin/sh', ['-c', GUARD, 'sh', ...command(port)], { env, stdio: [...stdio] });
  const pid = await firstNumber(child);
  await eventually(() => ask(port, 'PING'), { withinMs: START_MS });
  return {
    kill: async () => {
      const ended = once(child, 'close');
      process.kill(pid, 'SIGKILL');
      child.stdio[3]?.destroy();
      await ended;
    },
    signal: (name) => process.kill(pid, name),
  };
}

function command(port: number): string[] {
  const bin = process.env.CODEX_POOLER_TEST_REDIS_BIN;
  if (bin === undefined) return [process.execPath, resolve('test/support/js-redis.cjs'), String(port)];
  return [bin, '--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', '/'];
}

async function firstNumber(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('No output to read.');
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  lines.close();
  return Number(line);
}

/** One inline command on a connection of its own; rejects unless the answer is a simple string. */
function ask(port: number, text: string): Promise<string> {
  return new Promise((answered, failed) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${text}\r\n`));
    socket.setTimeout(2_000, () => socket.destroy(new Error(`Redis did not answer ${text}.`)));
    socket.once('error', failed);
    socket.once('data', (answer) => {
      socket.destroy();
      if (answer.toString().startsWith('+')) answered(answer.toString());
      else failed(new Error(answer.toString()));
    });
    socket.once('end', () => failed(new Error(`Redis closed the connection on ${text}.`)));
  });
}

/** Below the range that the system takes outgoing ports from, so that the port stays free while the server is down. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const probe = createServer();
    const free = await new Promise<boolean>((tell) => {
      probe.once('error', () => tell(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => tell(true)));
    });
    if (free) return port;
  }
}

function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is set by the global set-up of the tests.`);
  return value;
}

import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { PostgresBinaries } from './binaries.js';
import type { Identity } from './identity.js';
import { guardName } from './lock-file.js';

export type Settings = Readonly<Record<string, string>>;

/** A running server. It lives only as long as a pipe from this process is open. */
export interface ServerProcess {
  readonly port: number;
  /** Resolves with the last 8 KB that the server wrote, once it and its guard have ended for whatever reason. */
  readonly ended: Promise<string>;
  /** True from the moment the guard has ended. */
  hasEnded(): boolean;
  /** Fast shutdown: sessions are ended, a checkpoint is written. */
  stop(): Promise<void>;
}

const LOG_TAIL_CHARS = 8192;

const DEFAULTS: Settings = {
  listen_addresses: '127.0.0.1',
  // A socket file would need a folder with a short name that every user may write to.
  unix_socket_directories: '',
  shared_buffers: '64MB',
  max_connections: '60',
  jit: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  log_min_messages: 'warning',
};

/**
 * The shell stays beside the server as its guard: when descriptor 3 ends, because we closed it or because this process
 * was killed in any way, it sends SIGINT (fast shutdown).
 */
const GUARD = '"$@" & server=$!; (cat <&3 >/dev/null; kill -INT $server 2>/dev/null) & wait $server';

export async function startServer(
  dataDir: string,
  binaries: PostgresBinaries,
  identity: Identity,
  settings: Settings,
  path: string,
): Promise<ServerProcess> {
  const port = await freePort();
  const given = Object.entries({ ...DEFAULTS, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = [join(binaries.dir, 'postgres'), '-D', dataDir, '-p', String(port), ...given];
  const [command, args] = identity.wrap('/bin/sh', ['-c', GUARD, guardName(process.pid), ...server]);
  const child = spawn(command, args, {
    ...identity.credentials,
    cwd: '/',
    // A session of its own: Ctrl-C in a terminal must not reach the server before we have drained.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { PATH: path, LC_ALL: 'C' },
  });
  return supervise(child, port);
}

function supervise(child: ChildProcess, port: number): ServerProcess {
  const lifeline = child.stdio[3] as Duplex;
  let tail = '';
  let over = false;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (tail = (tail + text).slice(-LOG_TAIL_CHARS)));
  lifeline.on('error', () => undefined);
  // The reader of the pipe holds the log open after the server has gone of itself.
  child.once('exit', () => lifeline.destroy());
  const ended = new Promise<string>((done) => {
    const end = () => {
      over = true;
      done(tail.trim());
    };
    child.once('close', end);
    child.once('error', (error) => {
      tail += error.message;
      end();
    });
  });
  // The server must not keep a process alive that has nothing else to do.
  child.unref();
  for (const pipe of [child.stderr, lifeline]) (pipe as unknown as { unref(): void } | null)?.unref();
  const stop = async () => {
    child.ref();
    lifeline.end();
    await ended;
  };
  return { port, ended, hasEnded: () => over, stop };
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer().once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => found(port));
    });
  });
}

import { mkdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { findBinaries } from './binaries.js';
import { checkMajor, initialise, isInitialised, readPassword, SUPERUSER } from './data-folder.js';
import { chooseIdentity } from './identity.js';
import { clearLock, lockedPort } from './lock-file.js';
import { startServer, type ServerProcess, type Settings } from './server-process.js';

export interface EmbeddedPostgresOptions {
  /** The server's own folder; made when absent. */
  readonly dataDir: string;
  /** Folder of `postgres` and `initdb`; when given, no other place is tried. */
  readonly binDir?: string | undefined;
  /** Server settings, over our own. */
  readonly settings?: Settings;
  /** Use the server of another living process instead of refusing; `stop` then leaves it alone. */
  readonly attach?: boolean;
  /** Search path for binaries, handed to the server as its PATH. */
  readonly path?: string;
  /** Called with the end of the server's log when it ends without `stop`. */
  readonly onExit?: (log: string) => void;
}

export interface EmbeddedPostgres {
  readonly url: string;
  /** Resolves when the server has written its checkpoint and no process of it is left. */
  stop(): Promise<void>;
}

const DATABASE = 'codex_pooler';
const READY_MS = 60_000;
const POLL_MS = 15;
const USUAL_PATH = '/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin';

/**
 * Our own PostgreSQL, on a free loopback port, with a random password that only this user can read. It ends with this
 * process however that dies; what was committed is there at the next start.
 *
 * @throws Error in plain words when it cannot run: no binaries, another major version, the folder in use, root without
 *   a way to drop root, or the end of the server's own log
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const parent = dirname(resolve(options.dataDir));
  mkdirSync(parent, { recursive: true });
  const dataDir = join(realpathSync(parent), basename(resolve(options.dataDir)));
  const running = await findRunning(dataDir, options);
  if (running !== undefined) return running;
  const { server, url } = await launch(dataDir, options);
  try {
    await ready(url, server);
  } catch (error) {
    await server.stop();
    // Another process may have begun in the same moment and taken the folder.
    const winner = await findRunning(dataDir, options);
    if (winner !== undefined) return winner;
    throw error;
  }
  return opened(url, server, options.onExit);
}

/** @throws Error when the folder is in use and not to be shared */
async function findRunning(dataDir: string, options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres | undefined> {
  const held = await clearLock(dataDir);
  if (held.kind === 'free') return undefined;
  if (options.attach && held.kind === 'ours') return attach(dataDir);
  throw new Error(`${dataDir} is in use by another process (pid ${held.pid}). One process may run on it.`);
}

async function launch(
  dataDir: string,
  options: EmbeddedPostgresOptions,
): Promise<{ server: ServerProcess; url: string }> {
  const { binDir, settings = {}, path = USUAL_PATH } = options;
  const binaries = findBinaries(binDir, path);
  const identity = chooseIdentity(join(binaries.dir, 'postgres'), dataDir);
  if (!isInitialised(dataDir)) initialise(dataDir, binaries, identity, path);
  checkMajor(dataDir, binaries.major);
  const server = await startServer(dataDir, binaries, identity, settings, path);
  return { server, url: urlOf(dataDir, server.port) };
}

function opened(url: string, server: ServerProcess, onExit: EmbeddedPostgresOptions['onExit']): EmbeddedPostgres {
  let stopping = false;
  void server.ended.then((log) => stopping || onExit?.(log));
  return {
    url: `${url}/${DATABASE}`,
    stop: () => {
      stopping = true;
      return server.stop();
    },
  };
}

/** @throws Error when the other process's server does not answer within a minute */
async function attach(dataDir: string): Promise<EmbeddedPostgres> {
  for (const end = Date.now() + READY_MS; ; await delay(POLL_MS)) {
    const port = lockedPort(dataDir);
    if (port !== undefined) {
      const url = urlOf(dataDir, port);
      await ready(url);
      return { url: `${url}/${DATABASE}`, stop: () => Promise.resolve() };
    }
    if (Date.now() > end) throw new Error(`The server on ${dataDir} does not say where it listens.`);
  }
}

const urlOf = (dataDir: string, port: number) => `postgres://${SUPERUSER}:${readPassword(dataDir)}@127.0.0.1:${port}`;

async function ready(url: string, server?: ServerProcess): Promise<void> {
  for (const end = Date.now() + READY_MS; ; await delay(POLL_MS)) {
    if (server?.hasEnded()) throw new Error(`PostgreSQL did not start: ${await server.ended}`);
    try {
      return await makeDatabase(url);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

async function makeDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: `${url}/postgres`, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

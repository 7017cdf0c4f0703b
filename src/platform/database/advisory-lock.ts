import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

/** Held by a connection of its own, for as long as that connection lives. */
export interface AdvisoryLock {
  /** Resolves when the lock is gone without `release`: the connection broke or the server went away. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

const CONNECT_MS = 10_000;
const POLL_MS = 200;

/**
 * Takes the lock of that name in this database, or gives undefined when another session holds it. PostgreSQL drops it
 * with the session, so a holder that was killed never blocks anybody; one whose machine vanished does so for about 25 s.
 *
 * Needs a session: a pooler in transaction mode between us and the server would take the lock on anybody's behalf.
 */
export async function tryAdvisoryLock(url: string, name: string): Promise<AdvisoryLock | undefined> {
  const client = await openSession(url);
  try {
    if (await tryOn(client, name)) return holding(client);
  } catch (error) {
    await close(client);
    throw error;
  }
  await close(client);
  return undefined;
}

/**
 * Runs `work` while holding the lock, after waiting for whoever holds it.
 *
 * It asks again and again instead of waiting inside one statement: a session that waits in a statement holds a
 * snapshot, and a migration that builds an index CONCURRENTLY would wait for that session in turn.
 *
 * @throws Error when the lock was not to be had within `waitMs`, or what `work` throws
 */
export async function withAdvisoryLock<T>(
  url: string,
  name: string,
  work: () => Promise<T>,
  { waitMs = 120_000 } = {},
): Promise<T> {
  const client = await openSession(url);
  try {
    for (const end = Date.now() + waitMs; !(await tryOn(client, name)); await delay(POLL_MS)) {
      if (Date.now() > end) throw new Error(`Another process has held the lock '${name}' for ${waitMs} ms.`);
    }
    return await work();
  } finally {
    await close(client);
  }
}

async function openSession(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: 'codex-pooler lock',
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3');
    return client;
  } catch (error) {
    await close(client);
    throw error;
  }
}

async function tryOn(client: Client, name: string): Promise<boolean> {
  const sql = 'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken';
  const { rows } = await client.query<{ taken: boolean }>(sql, [name]);
  return rows[0]?.taken === true;
}

function holding(client: Client): AdvisoryLock {
  let released = false;
  const lost = new Promise<void>((tell) => client.once('end', () => released || tell()));
  return {
    lost,
    release: () => {
      released = true;
      return close(client);
    },
  };
}

/** The end of its session is what gives a lock back. */
const close = (client: Client) => client.end().catch(() => undefined);

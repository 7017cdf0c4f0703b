import { Logger } from '@nestjs/common';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { redisAddress, type RedisAddress } from './address.js';
import { reconnectDelayMs } from './backoff.js';

export type RedisClient = Redis | Cluster;

/** How long a command of a fail-fast client may take, and how long a caller waits for it at most. */
export const COMMAND_TIMEOUT_MS = 250;
/** How often a fail-fast connection is asked whether anybody is there. */
const WATCH_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
const KEEP_ALIVE_MS = 10_000;

/** Nothing waits for a connection and nothing is sent twice: a command that was given up must not run later. */
const FAIL_FAST = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_TIMEOUT_MS,
} as const;

/**
 * A client whose every command answers or rejects within `COMMAND_TIMEOUT_MS`, also while the server is away or hangs.
 * It connects at once, reconnects for ever and never emits an error that nobody hears.
 *
 * @param url `redis://` or `rediss://`, of a server, of Sentinels or of a Cluster: see `RedisAddress`
 * @param purpose named in the log when the server goes away and comes back
 */
export function failFastRedis(url: string, purpose: string): RedisClient {
  return watched(announced(open(url, FAIL_FAST, forEver), purpose));
}

/**
 * A fail-fast connection for SUBSCRIBE. In a Cluster it goes to one node, which hears what is published on any.
 * It does not subscribe again by itself: ioredis leaves the rejection of that unhandled, which would end the process.
 */
export function subscriberRedis(url: string, purpose: string): Redis {
  return watched(announced(client(url, { ...FAIL_FAST, autoResubscribe: false }, forEver), purpose));
}

/**
 * A client for BullMQ's workers: commands wait until the server is back, however long that takes.
 *
 * @param stopped asked before each new try; once true the client and all its duplicates give up
 */
export function patientRedis(url: string, purpose: string, stopped: () => boolean): RedisClient {
  const retry = (attempt: number) => (stopped() ? null : forEver(attempt));
  return announced(open(url, { maxRetriesPerRequest: null }, retry), purpose);
}

type Retry = (attempt: number) => number | null;

const forEver: Retry = (attempt) => reconnectDelayMs(attempt, Math.random());

const COMMON = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  // Holds up the end of the process whenever the server is away.
  disconnectTimeout: COMMAND_TIMEOUT_MS,
  keepAlive: KEEP_ALIVE_MS,
} as const;

const open = (url: string, options: RedisOptions, retry: Retry): RedisClient => {
  const address = redisAddress(url);
  return address.reached === 'cluster' ? clusterClient(address, options, retry) : client(url, options, retry);
};

function client(url: string, options: RedisOptions, retry: Retry): Redis {
  const address = redisAddress(url);
  const given: RedisOptions = {
    ...COMMON,
    ...options,
    retryStrategy: retry,
    // Said by a server that was the master: the one that is now is found by a new connection.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  };
  return address.reached === 'sentinel'
    ? new Redis({ ...given, ...throughSentinels(address, retry) })
    : new Redis(url, given);
}

const throughSentinels = (address: RedisAddress, retry: Retry): RedisOptions => ({
  ...address.login,
  db: address.db,
  name: address.master ?? '',
  sentinels: address.nodes,
  sentinelRetryStrategy: retry,
  // One that is silent must not keep us from asking the next.
  sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
  ...(address.sentinelPassword === undefined ? {} : { sentinelPassword: address.sentinelPassword }),
  ...(address.tls && { tls: address.tls, sentinelTLS: address.tls, enableTLSForSentinelMode: true }),
});

function clusterClient({ nodes, login, tls }: RedisAddress, options: RedisOptions, retry: Retry): Cluster {
  const { enableOfflineQueue = true, ...redisOptions } = options;
  return new Cluster(nodes, {
    enableOfflineQueue,
    clusterRetryStrategy: retry,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    // Certificates name the nodes as the cluster does: hosts must not be replaced by their addresses.
    ...(tls && { dnsLookup: (host, found) => found(null, host) }),
    redisOptions: { ...COMMON, ...redisOptions, ...login, ...(tls && { tls }) },
  });
}

/** One line when the server goes away and one when it is back, however many tries lie between. */
function announced<T extends RedisClient>(client: T, purpose: string): T {
  const log = new Logger('Redis');
  let away = false;
  client.on('error', (error: Error) => {
    if (!away) log.warn(`Redis is away (${purpose}): ${reason(error)}`);
    away = true;
  });
  client.on('ready', () => {
    if (away) log.log(`Redis is back (${purpose})`);
    away = false;
  });
  return client;
}

/**
 * A server that is gone without a word shows in nothing but its silence, which TCP bears for a quarter of an hour, and
 * a connection that only listens would never notice. One that does not answer a ping is made anew. (The option
 * `socketTimeout` of ioredis also ends the connection that came after the one it was set for.)
 */
function watched<T extends RedisClient>(client: T): T {
  const connections = () => (client instanceof Cluster ? client.nodes() : [client]);
  const watch = setInterval(() => {
    for (const connection of connections()) {
      if (connection.status === 'ready') connection.ping().catch(() => connection.disconnect(true));
    }
  }, WATCH_MS).unref();
  client.once('end', () => clearInterval(watch));
  return client;
}

/** `ECONNREFUSED`, `WRONGPASS`, …: what is wrong and no address. */
function reason(error: Error & { code?: string }): string {
  if (error.code !== undefined) return error.code;
  return error.name === 'ReplyError' ? (error.message.split(' ')[0] ?? error.name) : error.name;
}

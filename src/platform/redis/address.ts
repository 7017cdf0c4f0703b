import type { RedisOptions } from 'ioredis';

const SENTINEL_PORT = 26_379;
const REDIS_PORT = 6_379;

/**
 * What an address says beyond one server. `?sentinel=<master>` makes its host a Sentinel that knows where that master is,
 * `?cluster=true` the first known node of a Redis Cluster; `&nodes=<host>:<port>,…` names more of them, for the day on
 * which the first is away. User, password and database are those of Redis; a Sentinel has `&sentinelPassword=…`.
 */
export interface RedisAddress {
  readonly reached: 'server' | 'sentinel' | 'cluster';
  readonly nodes: { host: string; port: number }[];
  readonly login: Pick<RedisOptions, 'username' | 'password'>;
  /** Present for `rediss://`; also for Sentinels. */
  readonly tls?: object;
  readonly db: number;
  /** What Sentinels call the master. */
  readonly master?: string;
  readonly sentinelPassword?: string;
}

/** @throws Error when it asks for two things at once */
export function redisAddress(text: string): RedisAddress {
  const url = new URL(text);
  const asked = url.searchParams;
  const master = asked.get('sentinel');
  const sentinelPassword = asked.get('sentinelPassword');
  const isCluster = asked.get('cluster') === 'true';
  if (isCluster && master !== null) throw new Error('REDIS_URL names a Cluster and a Sentinel: it is one of them.');
  return {
    reached: isCluster ? 'cluster' : master === null ? 'server' : 'sentinel',
    nodes: nodesOf(url, master === null ? REDIS_PORT : SENTINEL_PORT),
    login: loginOf(url),
    db: Number(url.pathname.slice(1)),
    ...(url.protocol === 'rediss:' && { tls: {} }),
    ...(master !== null && { master }),
    ...(sentinelPassword !== null && { sentinelPassword }),
  };
}

const loginOf = ({ username, password }: URL): RedisAddress['login'] => ({
  ...(username && { username: decodeURIComponent(username) }),
  ...(password && { password: decodeURIComponent(password) }),
});

function nodesOf({ protocol, host, searchParams }: URL, usualPort: number): RedisAddress['nodes'] {
  const more = searchParams.get('nodes')?.split(',').filter(Boolean) ?? [];
  return [host, ...more].map((node) => {
    const { hostname, port } = new URL(`${protocol}//${node}`);
    return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || usualPort) };
  });
}

import type { Result } from 'ioredis';
import type { RedisClient } from '../redis/index.js';

/** Milliseconds of the server's clock, with a fraction. */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
`;

/** KEYS bucket · ARGV capacity, refill per ms, cost → {ok, retry after ms} */
const TAKE = `${NOW}
local capacity, refill, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = bucket[1] and tonumber(bucket[1]) or capacity
local at = bucket[2] and tonumber(bucket[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) * refill)
local ok, wait = 1, 0
if tokens >= cost then
  tokens = tokens - cost
else
  ok, wait = 0, math.ceil((cost - tokens) / refill)
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.17g', tokens), 'at', string.format('%.17g', now))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil((capacity - tokens) / refill) + 1))
return {ok, wait}
`;

/** KEYS value · ARGV proposed, ttl in ms → the winner. SET … NX GET would need Redis 7. */
const STICKY = `
local winner = redis.call('GET', KEYS[1])
if winner then return winner end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
`;

/** Adds the scripts to a client as commands; it sends a script's text again when a server does not know it. */
export function defineScripts(client: RedisClient): void {
  client.defineCommand('sharedTake', { numberOfKeys: 1, lua: TAKE });
  client.defineCommand('sharedSticky', { numberOfKeys: 1, lua: STICKY });
}

declare module 'ioredis' {
  interface RedisCommander<Context> {
    sharedTake(key: string, capacity: number, refillPerMs: number, cost: number): Result<[number, number], Context>;
    sharedSticky(key: string, proposed: string, ttlMs: number): Result<string, Context>;
  }
}

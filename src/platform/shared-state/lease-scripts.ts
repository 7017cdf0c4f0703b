import type { Result } from 'ioredis';
import type { RedisClient } from '../redis/index.js';

/** Whole milliseconds of the server's clock. */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local turn = time[1] * 1000000 + time[2]
local text = function(number) return string.format('%.0f', number) end
`;

/** A set of leases, token by its end, lives as long as its longest lease. */
const HOLD = `
local hold = function(set, token, ttl)
  redis.call('ZADD', set, text(now + ttl), token)
  if redis.call('PTTL', set) < ttl then redis.call('PEXPIRE', set, text(ttl)) end
end
`;

/**
 * KEYS of each place: leases, leases of its part (the same key again when it has none), who waits (`w` and token → its
 * share, when that ends, its part; `t` and part → when it last gave a place back) · ARGV token, ttl in ms, ms that a refused caller waits (0: it does not), limit of each place (-1:
 * none) → number of the place that refused, 0 when all are taken. `LeaseTable` says the same in TypeScript.
 */
const ACQUIRE = `${NOW}${HOLD}
local TURN_US = 10000000
local token, ttl, patience = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local count = function(set)
  redis.call('ZREMRANGEBYSCORE', set, '-inf', text(now))
  return redis.call('ZCARD', set)
end
-- Those of other parts who wait for a place. A caller who asks again is no longer noted as waiting.
local waiting = function(wants, part)
  local others, turns = {}, {}
  local all = redis.call('HGETALL', wants)
  for at = 1, #all, 2 do
    local field, value = all[at], all[at + 1]
    if string.sub(field, 1, 1) == 't' then
      turns[string.sub(field, 2)] = tonumber(value)
      if tonumber(value) < turn - TURN_US then redis.call('HDEL', wants, field) end
    else
      local share, ends, whose = string.match(value, '^(%S+) (%S+) (.*)$')
      if field == 'w' .. token or tonumber(ends) <= now then
        redis.call('HDEL', wants, field)
      elseif whose ~= part then
        others[#others + 1] = { share = tonumber(share), part = whose }
      end
    end
  end
  return { others = others, turns = turns }
end
local is_before = function(wait, share, part)
  for _, other in ipairs(wait.others) do
    if other.share < share then return true end
    local earlier = (wait.turns[other.part] or 0) < (wait.turns[part] or 0)
    if other.share == share and (patience == 0 or earlier) then return true end
  end
  return false
end
local places, refusing, share, waits = #KEYS / 3, 0, 0, {}
for place = 1, places do
  local set, part, limit = KEYS[3 * place - 2], KEYS[3 * place - 1], tonumber(ARGV[3 + place])
  if limit >= 0 then
    if refusing == 0 and count(set) >= limit and not redis.call('ZSCORE', set, token) then refusing = place end
    if part ~= set then share = math.max(share, count(part) / math.max(limit, 1)) end
  end
  if part ~= set then waits[place] = waiting(KEYS[3 * place], part) end
end
for place = 1, places do
  local wait, part = waits[place], KEYS[3 * place - 1]
  if refusing == 0 and wait and is_before(wait, share, part) then refusing = place end
end
if refusing == 0 then
  for place = 1, places do
    local set, part = KEYS[3 * place - 2], KEYS[3 * place - 1]
    hold(set, token, ttl)
    if part ~= set then hold(part, token, ttl) end
  end
  return 0
end
local part, wants = KEYS[3 * refusing - 1], KEYS[3 * refusing]
if patience > 0 and part ~= KEYS[3 * refusing - 2] then
  redis.call('HSET', wants, 'w' .. token, string.format('%.17g', share) .. ' ' .. text(now + patience) .. ' ' .. part)
  if redis.call('PTTL', wants) < patience then redis.call('PEXPIRE', wants, text(patience)) end
end
return refusing
`;

/** KEYS leases · ARGV ttl in ms, then pairs: number of the key, token */
const RENEW = `${NOW}${HOLD}
local ttl = tonumber(ARGV[1])
for at = 2, #ARGV, 2 do hold(KEYS[tonumber(ARGV[at])], ARGV[at + 1], ttl) end
`;

/** KEYS pairs: leases, who waits · ARGV token */
const RELEASE = `${NOW}
for at = 1, #KEYS, 2 do
  local wants = KEYS[at + 1]
  redis.call('ZREM', KEYS[at], ARGV[1])
  redis.call('HDEL', wants, 'w' .. ARGV[1])
  if redis.call('EXISTS', wants) == 1 then
    for part = 1, #KEYS, 2 do redis.call('HSET', wants, 't' .. KEYS[part], text(turn)) end
  end
end
`;

/** KEYS leases → how many of each have not ended */
const HELD = `${NOW}
local counts = {}
for at = 1, #KEYS do counts[at] = redis.call('ZCOUNT', KEYS[at], '(' .. text(now), '+inf') end
return counts
`;

/** Adds the scripts to a client as commands that take the number of their keys first. */
export function defineLeaseScripts(client: RedisClient): void {
  client.defineCommand('sharedAcquireAll', { lua: ACQUIRE });
  client.defineCommand('sharedRenewAll', { lua: RENEW });
  client.defineCommand('sharedReleaseAll', { lua: RELEASE });
  client.defineCommand('sharedHeld', { lua: HELD });
}

type Words = readonly (string | number)[];

declare module 'ioredis' {
  interface RedisCommander<Context> {
    sharedAcquireAll(keys: number, ...keysThenArguments: Words): Result<number, Context>;
    sharedRenewAll(keys: number, ...keysThenArguments: Words): Result<null, Context>;
    sharedReleaseAll(keys: number, ...keysThenArguments: Words): Result<null, Context>;
    sharedHeld(keys: number, ...keysThenArguments: Words): Result<number[], Context>;
  }
}

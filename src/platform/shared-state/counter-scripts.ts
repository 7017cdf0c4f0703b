import type { Result } from 'ioredis';
import type { RedisClient } from '../redis/index.js';

/**
 * A counter is a hash and a sorted set. Hash: `loaded`; `tokens` and day, `nanoUsd` and day → sums, holds included; `o`
 * and id → day, tokens, nano-USD and end of a hold; `first`: no hold ends before this; `nonce`: of whoever found it
 * cold. Set: who was let in during the last minute, by when; its member without a name shows that nothing of it was lost.
 * `CounterTable` says the same in TypeScript.
 */
const COUNTER = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local text = function(number) return string.format('%.0f', number) end
local MINUTE, IDLE, UNITS = 60000, 3600000, { 'tokens', 'nanoUsd' }
local is_warm = function(sums, asked)
  return redis.call('HEXISTS', sums, 'loaded') == 1 and redis.call('ZSCORE', asked, '') ~= false
end
local keep = function(sums, asked)
  redis.call('PEXPIRE', sums, IDLE)
  redis.call('PEXPIRE', asked, IDLE)
end
local add = function(sums, day, tokens, nano)
  if tokens ~= 0 then redis.call('HINCRBY', sums, 'tokens' .. day, text(tokens)) end
  if nano ~= 0 then redis.call('HINCRBY', sums, 'nanoUsd' .. day, text(nano)) end
end
local take = function(sums, field)
  local held = redis.call('HGET', sums, field)
  if not held then return false end
  local day, tokens, nano = string.match(held, '^(%S+) (%S+) (%S+)')
  redis.call('HDEL', sums, field)
  add(sums, day, -tonumber(tokens), -tonumber(nano))
  return true
end
local put = function(sums, id, day, tokens, nano, ends)
  take(sums, 'o' .. id)
  redis.call('HSET', sums, 'o' .. id, day .. ' ' .. tokens .. ' ' .. nano .. ' ' .. text(ends))
  add(sums, day, tonumber(tokens), tonumber(nano))
  local first = redis.call('HGET', sums, 'first')
  if not first or tonumber(first) > ends then redis.call('HSET', sums, 'first', text(ends)) end
end
local purge = function(sums, asked)
  redis.call('ZREMRANGEBYSCORE', asked, '-inf', text(now - MINUTE))
  local first = redis.call('HGET', sums, 'first')
  if not first or tonumber(first) > now then return end
  local all, earliest = redis.call('HGETALL', sums), nil
  for at = 1, #all, 2 do
    if string.sub(all[at], 1, 1) == 'o' then
      local ends = tonumber(string.match(all[at + 1], '(%S+)$'))
      if ends <= now then
        take(sums, all[at])
      elseif not earliest or ends < earliest then
        earliest = ends
      end
    end
  end
  if earliest then redis.call('HSET', sums, 'first', text(earliest)) else redis.call('HDEL', sums, 'first') end
end
`;

/**
 * KEYS pairs: hash, set · ARGV id, day, tokens, nano-USD, ttl in ms, nonce, then of each counter: per minute (-1: any
 * number), number of budgets, and of each: number of its unit, first day, last day, upper bound → 'held', sums of all
 * budgets; 'cold', of each counter its nonce or ''; 'full', counter, budget (0: too many in a minute), ms to wait, then
 * fields and values of the hash
 */
const HOLD = `${COUNTER}
local id, day, mine, ttl = ARGV[1], ARGV[2], { tonumber(ARGV[3]), tonumber(ARGV[4]) }, tonumber(ARGV[5])
local count, cold, nonces = #KEYS / 2, false, {}
for n = 1, count do
  local sums, asked = KEYS[2 * n - 1], KEYS[2 * n]
  nonces[n] = ''
  if not is_warm(sums, asked) then
    cold = true
    redis.call('HDEL', sums, 'loaded')
    redis.call('HSETNX', sums, 'nonce', ARGV[6])
    redis.call('PEXPIRE', sums, MINUTE)
    nonces[n] = redis.call('HGET', sums, 'nonce')
  end
end
if cold then return { 'cold', unpack(nonces) } end
for n = 1, count do
  purge(KEYS[2 * n - 1], KEYS[2 * n])
  take(KEYS[2 * n - 1], 'o' .. id)
end
local refuse = function(n, budget, wait)
  for other = 1, count do redis.call('ZREM', KEYS[2 * other], id) end
  local answer = { 'full', n, budget, wait }
  for _, word in ipairs(redis.call('HGETALL', KEYS[2 * n - 1])) do answer[#answer + 1] = word end
  return answer
end
-- Until so many of the last minute, this one left out, are over that it may come; 0 where it may now.
local wait_of = function(asked, rate)
  local others = redis.call('ZCARD', asked) - 1
  if redis.call('ZSCORE', asked, id) then others = others - 1 end
  if others < rate then return 0 end
  local left, oldest = others - rate, redis.call('ZRANGE', asked, 0, others - rate + 1, 'WITHSCORES')
  for each = 1, #oldest, 2 do
    if oldest[each] ~= id then
      if left == 0 then return tonumber(oldest[each + 1]) + MINUTE - now end
      left = left - 1
    end
  end
  return 0
end
local at, used = 7, { 'held' }
for n = 1, count do
  local sums, asked, rate, budgets = KEYS[2 * n - 1], KEYS[2 * n], tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  at = at + 2
  local wait = rate < 0 and 0 or wait_of(asked, rate)
  if wait > 0 then return refuse(n, 0, wait) end
  for budget = 1, budgets do
    local unit, sum = tonumber(ARGV[at]), 0
    for each = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]) do
      sum = sum + tonumber(redis.call('HGET', sums, UNITS[unit] .. each) or '0')
    end
    sum = sum + mine[unit]
    if sum > tonumber(ARGV[at + 3]) then return refuse(n, budget, 0) end
    used[#used + 1] = sum
    at = at + 4
  end
end
for n = 1, count do
  local sums, asked = KEYS[2 * n - 1], KEYS[2 * n]
  put(sums, id, day, ARGV[3], ARGV[4], now + ttl)
  redis.call('ZADD', asked, 'NX', text(now), id)
  keep(sums, asked)
end
return used
`;

/**
 * KEYS hash, set · ARGV nonce, number of sums, of holds, of who was let in; sums: day, tokens, nano-USD; holds: id, day,
 * tokens, nano-USD, ms until it ends; let in: id, ms since → 1 when it was done
 */
const FILL = `${COUNTER}
local sums, asked = KEYS[1], KEYS[2]
if redis.call('HGET', sums, 'nonce') ~= ARGV[1] then return 0 end
redis.call('DEL', sums, asked)
redis.call('HSET', sums, 'loaded', '1')
redis.call('ZADD', asked, '+inf', '')
local at = 5
for _ = 1, tonumber(ARGV[2]) do
  add(sums, ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]))
  at = at + 3
end
for _ = 1, tonumber(ARGV[3]) do
  put(sums, ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], now + tonumber(ARGV[at + 4]))
  at = at + 5
end
for _ = 1, tonumber(ARGV[4]) do
  redis.call('ZADD', asked, text(now - tonumber(ARGV[at + 1])), ARGV[at])
  at = at + 2
end
keep(sums, asked)
return 1
`;

/** KEYS pairs: hash, set · ARGV ttl in ms, then of each hold: number of the pair, id, day, tokens, nano-USD */
const RENEW = `${COUNTER}
for at = 2, #ARGV, 5 do
  local pair = 2 * tonumber(ARGV[at])
  if is_warm(KEYS[pair - 1], KEYS[pair]) then
    put(KEYS[pair - 1], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], now + tonumber(ARGV[1]))
    keep(KEYS[pair - 1], KEYS[pair])
  end
end
`;

/** KEYS pairs: hash, set · ARGV of each: number of the pair, id, day, tokens and nano-USD that were used */
const SETTLE = `${COUNTER}
for at = 1, #ARGV, 5 do
  local pair = 2 * tonumber(ARGV[at])
  if is_warm(KEYS[pair - 1], KEYS[pair]) and take(KEYS[pair - 1], 'o' .. ARGV[at + 1]) then
    add(KEYS[pair - 1], ARGV[at + 2], tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]))
  end
end
`;

/** KEYS hash, set → server's time in ms, fields and values of the hash, members and scores of the set; nothing: it is cold */
const CONTENTS = `${COUNTER}
local sums, asked = KEYS[1], KEYS[2]
if not is_warm(sums, asked) then return {} end
purge(sums, asked)
return { text(now), redis.call('HGETALL', sums), redis.call('ZRANGE', asked, 0, -1, 'WITHSCORES') }
`;

/** Adds the scripts to a client as commands that take the number of their keys first. */
export function defineCounterScripts(client: RedisClient): void {
  client.defineCommand('sharedHold', { lua: HOLD });
  client.defineCommand('sharedFill', { lua: FILL });
  client.defineCommand('sharedRenewHolds', { lua: RENEW });
  client.defineCommand('sharedSettleHolds', { lua: SETTLE });
  client.defineCommand('sharedContents', { lua: CONTENTS });
}

type Words = readonly (string | number)[];

declare module 'ioredis' {
  interface RedisCommander<Context> {
    sharedHold(keys: number, ...keysThenArguments: Words): Result<(string | number)[], Context>;
    sharedFill(keys: number, ...keysThenArguments: Words): Result<number, Context>;
    sharedRenewHolds(keys: number, ...keysThenArguments: Words): Result<null, Context>;
    sharedSettleHolds(keys: number, ...keysThenArguments: Words): Result<null, Context>;
    sharedContents(keys: number, ...keysThenArguments: Words): Result<[] | [string, string[], string[]], Context>;
  }
}

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LOAD_CORE, pin } from './cores.mjs';
import { median } from './figures.mjs';
import { openLoop } from './load/arrivals.mjs';
import { Caller } from './load/call.mjs';
import { redisServer, startRedis } from './redis.mjs';

const AT_ONCE = 50;
const plan = { deltas: 50, paceMs: 20, padBytes: 0, terminalBytes: 0 };

/** Processor time that a stream costs the gateways, with these sharing the calls, in milliseconds. */
async function perStreamMs({ callers, gateways, body, seconds }) {
  const spent = () => gateways.reduce((sum, gateway) => sum + gateway.cpu().gateway, 0);
  const before = spent();
  let next = 0;
  const call = () => callers[(next += 1) % callers.length].call(body, plan);
  const wave = await openLoop({ perSecond: AT_ONCE, count: AT_ONCE * seconds, call });
  if (wave.faults.length > 0) throw new Error(`a stream was not whole: ${wave.faults[0]}`);
  return (spent() - before) / wave.calls;
}

/**
 * What two gateways carry against one, which all need the same PostgreSQL and Redis: from the processor time of a stream, since
 * a machine with two cores has none left for the load when two gateways have one each.
 *
 * @returns `gain`, or what is `missing`
 */
export async function pairGain(place, { rounds = 3, seconds = 3 } = {}) {
  const redis = redisServer();
  if (redis === undefined) return { missing: 'two gateways: there is no redis-server on this machine' };
  const folder = join(place.folder, 'pair');
  mkdirSync(folder);
  const { child, url: redisUrl } = await startRedis(redis, folder);
  place.children.adopt(child);
  pin(child.pid, LOAD_CORE);
  const data = join(folder, 'postgres');
  const postgres = await place.children.serve('bench/targets/postgres-server.mjs', [data], { core: LOAD_CORE });
  const logins = [place.login(), place.login()];
  const shared = {
    DATABASE_URL: postgres.address,
    REDIS_URL: redisUrl,
    SECRET_KEYS: `v1:${randomBytes(32).toString('base64')}`,
  };
  const variant = { limited: true, metered: true, traced: true, pinned: true, shared };
  const gateways = [];
  for (const name of ['one', 'two']) gateways.push(await place.gateway({ name, ...variant }, logins));
  const callers = gateways.map((gateway) => new Caller(gateway));
  const body = callers[0].body(2_000);
  await place.plan(plan);
  const cost = (those) => perStreamMs({ callers: those, gateways, body, seconds });
  for (const caller of callers) await cost([caller]);
  const gains = [];
  for (let round = 0; round < rounds; round += 1) {
    // The other one idles, so that it costs the same in both.
    const alone = await cost([callers[round % 2]]);
    gains.push((2 * alone) / (await cost(callers)));
  }
  for (const caller of callers) await caller.close();
  return { gain: median(gains) };
}

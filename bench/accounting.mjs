import { withDeployment } from './deployment.mjs';
import { redisServer } from './redis.mjs';
import { closeConnections, compare, PROFILES } from './streamed-calls.mjs';

/**
 * `npm run bench -- accounting`: what it costs to account for calls, and to hold them to limits, as ratios to the same
 * gateway with all of that taken out. The same streamed calls go through each of them, in turns, on one machine.
 */
const redis = redisServer();
const VARIANTS = [
  { name: 'no accounting', unaccounted: true },
  { name: 'accounting' },
  { name: 'accounting, limits of key and Pool', limited: true },
];
const ON_REDIS = [
  { name: 'with Redis: no accounting', unaccounted: true, redis },
  { name: 'with Redis: accounting', redis },
  { name: 'with Redis: accounting, limits of key and Pool', limited: true, redis },
];

const row = (name, rate, firstByte, gateway, postgres) =>
  [name.padEnd(48), rate.padStart(8), firstByte.padStart(12), gateway.padStart(14), postgres.padStart(15)].join('');

async function measure({ gateways }) {
  for (const profile of PROFILES) {
    const results = await compare(profile, gateways);
    console.log(row(profile.name, 'rate', 'first byte', 'gateway CPU', 'PostgreSQL CPU'));
    let base;
    for (const [index, { rate, firstMs, spentMs }] of results.entries()) {
      if (gateways[index].unaccounted) base = { rate, firstMs };
      console.log(
        row(
          gateways[index].name,
          (rate / base.rate).toFixed(2),
          (firstMs / base.firstMs).toFixed(2),
          `${spentMs.gateway.toFixed(2)} ms`,
          `${spentMs.postgres.toFixed(2)} ms`,
        ),
      );
    }
    console.log();
  }
}

try {
  if (redis === undefined) console.log('There is no redis-server on this machine, so nothing is said of it.\n');
  await withDeployment(measure, redis === undefined ? VARIANTS : [...VARIANTS, ...ON_REDIS]);
} finally {
  await closeConnections();
}

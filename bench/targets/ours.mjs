import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/children.mjs';
import { GATEWAY_CORE, LOAD_CORE, pin } from '../cores.mjs';
import { cpuMs, familyCpuMs, residentBytes } from '../process-time.mjs';
import { freePort, startRedis } from '../redis.mjs';

const KEY = `sk-cxp-${randomBytes(6).toString('hex')}-${randomBytes(32).toString('base64url')}`;
/** Far beyond what is used: each limit is counted, and none is in the way. */
const LIMITS = '{ tokensPerDay: 1000000000000, tokensPerWeek: 1000000000000, usdPerDay: 100000, usdPerMonth: 900000 }';
/** As many calls at once as a profile likes. */
const OPEN_DOORS = { ACCOUNT_CONCURRENCY: '20000', ROUTE_CLASS_LIMITS: 'stream=20000,websocket=20000' };
const SAMPLED = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' };

/**
 * A built gateway of ours, in a process of its own, on embedded stores. It may be `unaccounted`, may have limits (`limited`),
 * metrics (`metered`), traces of every tenth call (`traced`), and a Redis of its own (`redis`, see `redisServer`),
 * or stores that are `shared`, as variables of its environment. With
 * `pinned` it has one core for itself; its PostgreSQL is on the other one, as it would be on another machine.
 *
 * @param logins two that no other gateway has: whoever refreshes a login first makes it worthless for everybody else
 */
export async function ourTarget(children, { folder, logins, upstream, issuer }, variant) {
  mkdirSync(folder, { recursive: true });
  const seed = join(folder, 'seed.yaml');
  writeFileSync(seed, seedFile(logins, variant.limited));
  const env = {
    PORT: '0',
    HOST: '127.0.0.1',
    DATA_DIR: join(folder, 'data'),
    SEED_FILE: seed,
    BENCH_KEY: KEY,
    UPSTREAM_BASE_URL: upstream,
    OAUTH_ISSUER_URL: issuer,
    LOG_LEVEL: 'warn',
    METRICS_PORT: variant.metered ? String(await freePort()) : '0',
    ...OPEN_DOORS,
    ...(variant.traced ? { OTEL_EXPORTER_OTLP_ENDPOINT: `${upstream}/otlp`, ...SAMPLED } : {}),
    ...(variant.redis ? { REDIS_URL: await redisUrl(children, variant.redis, folder) } : {}),
    ...variant.shared,
  };
  const command = variant.unaccounted ? 'bench/unaccounted.cjs' : 'dist/src/cli.js';
  const core = variant.pinned ? GATEWAY_CORE : undefined;
  const start = async () => {
    const startedAt = performance.now();
    const { child, address } = await children.serve(command, ['serve'], {
      env,
      core,
      flags: ['--require', JSON.stringify(join(root, 'bench/probe.cjs'))],
    });
    const startMs = performance.now() - startedAt;
    const postgres = variant.shared === undefined ? postgresOf(folder) : undefined;
    if (variant.pinned && postgres !== undefined) pin(postgres, LOAD_CORE);
    return { child, address, startMs, postgres };
  };
  return new OurTarget(variant, children, start, await start());
}

function postgresOf(folder) {
  const [pid] = readFileSync(join(folder, 'data/postgres/postmaster.pid'), 'utf8').split('\n');
  return Number(pid);
}

class OurTarget {
  token = KEY;

  constructor(variant, children, start, started) {
    Object.assign(this, variant);
    this.children = children;
    this.start = start;
    this.#take(started);
  }

  cpu() {
    const postgres = this.postgres === undefined ? {} : { postgres: familyCpuMs(this.postgres) };
    return { gateway: cpuMs(this.pid), ...postgres };
  }

  residentBytes() {
    return residentBytes(this.pid);
  }

  /** Ends it and starts it again on what it has stored. @returns how long that start took, in milliseconds */
  async again() {
    await this.children.end(this.child);
    const started = await this.start();
    this.#take(started);
    return started.startMs;
  }

  /** Asks the probe. */
  probe(question, more = {}) {
    return new Promise((done) => {
      const read = (message) => {
        if (message?.probe !== question) return;
        this.child.off('message', read);
        done(message);
      };
      this.child.on('message', read);
      this.child.send({ probe: question, ...more });
    });
  }

  #take({ child, address, postgres }) {
    this.child = child;
    this.pid = child.pid;
    this.origin = address;
    this.postgres = postgres;
  }
}

async function redisUrl(children, redis, folder) {
  const { child, url } = await startRedis(redis, folder);
  children.adopt(child);
  return url;
}

const seedFile = ([one, two], limited = false) => `pools:
  - slug: bench
    settings: { limits: ${limited ? LIMITS : null} }
    accounts:
      - { label: one, authJson: ${one} }
      - { label: two, authJson: ${two} }
    keys:
      - { label: bench, secretEnv: BENCH_KEY, limits: ${limited ? LIMITS : null} }
`;

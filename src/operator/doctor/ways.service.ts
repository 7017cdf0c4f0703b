import { isIP } from 'node:net';
import { request } from 'undici';
import type { Config } from '../../platform/config/index.js';
import type { HostResolver } from '../../platform/egress/index.js';
import { redisAddress } from '../../platform/redis/index.js';
import { examine, unwell, well, type Finding } from './finding.js';

type Places = Pick<Config, 'DATABASE_URL' | 'REDIS_URL' | 'UPSTREAM_BASE_URL' | 'OAUTH_ISSUER_URL'>;

const REACH_MS = 5_000;

/** Looks at the ways that lead out of here. Needs no store, so it says something where the stores do not answer. */
export class Ways {
  constructor(
    private readonly config: Places,
    private readonly resolver: Pick<HostResolver, 'addresses'>,
  ) {}

  look(): Promise<Finding[]> {
    return Promise.all([
      examine('DNS', () => this.names()),
      examine('upstream', () => reach(this.config.UPSTREAM_BASE_URL)),
      examine('OAuth issuer', () => reach(this.config.OAUTH_ISSUER_URL)),
    ]);
  }

  private async names(): Promise<Omit<Finding, 'name'>> {
    const names = namesIn(this.config);
    const startedAtMs = performance.now();
    const found = await Promise.all(names.map((name) => this.resolver.addresses(name)));
    const unknown = names.filter((_, n) => found[n]?.length === 0);
    if (unknown.length > 0) return unwell(`no address for ${unknown.join(', ')}`);
    const tookMs = (performance.now() - startedAtMs).toFixed(1);
    return well(names.length === 0 ? 'not needed: no host is named' : `knows ${names.join(', ')} in ${tookMs} ms`);
  }
}

/** The hosts that have to be looked up. */
export function namesIn({ DATABASE_URL, REDIS_URL, UPSTREAM_BASE_URL, OAUTH_ISSUER_URL }: Places): string[] {
  const urls = [UPSTREAM_BASE_URL, OAUTH_ISSUER_URL, ...(DATABASE_URL === undefined ? [] : [DATABASE_URL])];
  const hosts = [
    ...urls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, '')),
    ...(REDIS_URL === undefined ? [] : redisAddress(REDIS_URL).nodes.map(({ host }) => host)),
  ];
  // A database behind a socket of this machine has no host.
  return [...new Set(hosts)].filter((host) => host !== '' && isIP(host) === 0).sort();
}

/** Any answer will do: whoever answers is there. */
async function reach(origin: string): Promise<Omit<Finding, 'name'>> {
  const startedAtMs = performance.now();
  const { statusCode, body } = await request(origin, { method: 'HEAD', signal: AbortSignal.timeout(REACH_MS) });
  await body.dump();
  return well(`${origin} answered ${statusCode} in ${Math.round(performance.now() - startedAtMs)} ms`);
}

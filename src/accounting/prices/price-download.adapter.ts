import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Agent, Dispatcher } from 'undici';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { allowListOf, guardedAgent, HostResolver, outboundHost, plainUrl } from '../../platform/egress/index.js';
import { PricesInvalid } from './price-file.js';

const MOST_BYTES = 5 * 1024 * 1024;
const PATIENCE_MS = 15_000;

/**
 * Fetches price lists. Only over TLS and from hosts of the public internet or those that are allowed, which is looked at
 * once more when the connection is made; no redirect is followed.
 */
@Injectable()
export class PriceDownload implements OnApplicationShutdown {
  private readonly allowed: ReturnType<typeof allowListOf>;
  private readonly agent: Agent;

  constructor(hosts: HostResolver, @Inject(CONFIG) config: Pick<Config, 'EGRESS_ALLOW_LIST'>) {
    this.allowed = allowListOf(config.EGRESS_ALLOW_LIST);
    this.agent = guardedAgent(hosts, { allowed: this.allowed, connectMs: PATIENCE_MS, silenceMs: PATIENCE_MS });
  }

  /** @throws PricesInvalid with the reason */
  async text(address: string): Promise<string> {
    const url = plainUrl(address);
    if (url?.protocol !== 'https:' || outboundHost(url, this.allowed) === undefined) {
      throw new PricesInvalid('Prices come from a public https:// URL without credentials.');
    }
    return downloaded(this.agent, url, AbortSignal.timeout(PATIENCE_MS));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }
}

/** @throws PricesInvalid with the reason, which holds nothing of what the host said */
export async function downloaded(agent: Dispatcher, url: URL, signal: AbortSignal): Promise<string> {
  try {
    const { statusCode, body } = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      headers: { accept: 'application/json' },
      signal,
    });
    if (statusCode !== 200) {
      await body.dump({ limit: 0, signal }).catch(() => undefined);
      throw new PricesInvalid(`The host answered ${statusCode}; redirects are not followed.`);
    }
    const batches: Buffer[] = [];
    let bytes = 0;
    for await (const batch of body as AsyncIterable<Buffer>) {
      bytes += batch.length;
      if (bytes > MOST_BYTES) throw tooLarge();
      batches.push(batch);
    }
    return Buffer.concat(batches).toString('utf8');
  } catch (error) {
    if (error instanceof PricesInvalid) throw error;
    throw new PricesInvalid(signal.aborted ? 'The host took too long.' : 'The host cannot be reached.');
  }
}

/** @throws PricesInvalid */
export function withinSize(bytes: Buffer): string {
  if (bytes.length > MOST_BYTES) throw tooLarge();
  return bytes.toString('utf8');
}

const tooLarge = (): PricesInvalid => new PricesInvalid('It is larger than 5 MiB.');

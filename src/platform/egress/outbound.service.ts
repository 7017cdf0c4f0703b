import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Agent } from 'undici';
import { CONFIG, type Config } from '../config/index.js';
import { allowListOf, outboundHost, type AllowList } from './allow-list.js';
import { EgressRefused } from './egress-refused.js';
import { guardedAgent } from './guarded-agent.js';
import { HostResolver } from './host-resolver.service.js';
import { plainUrl } from './public-url.js';

export interface OutboundPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For all of it. */
  readonly withinMs: number;
}

/** Nothing of an answer's text is of use; it is read so that the connection can be kept. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** Sends to URLs that operators set: over TLS, to hosts of the public internet and to those that are allowed by name. */
@Injectable()
export class Outbound implements OnApplicationShutdown {
  private readonly allowed: AllowList;
  private readonly agent: Agent;

  constructor(@Inject(CONFIG) config: Pick<Config, 'EGRESS_ALLOW_LIST'>, hosts: HostResolver) {
    this.allowed = allowListOf(config.EGRESS_ALLOW_LIST);
    this.agent = guardedAgent(hosts, { allowed: this.allowed, connectMs: 10_000, silenceMs: 10_000 });
  }

  /** The URL, if it may be sent to by what it says; its addresses are looked at when it is. */
  urlOf(value: string): URL | undefined {
    const url = plainUrl(value);
    return url !== undefined && outboundHost(url, this.allowed) !== undefined ? url : undefined;
  }

  /** @returns the status; a redirect is one like any other @throws EgressRefused, or what the connection does */
  async post({ url, headers, body, withinMs }: OutboundPost): Promise<number> {
    if (this.urlOf(url.href) === undefined) throw new EgressRefused();
    const signal = AbortSignal.timeout(withinMs);
    const answer = await this.agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'POST',
      headers: { ...headers },
      body,
      signal,
    });
    await answer.body.dump({ limit: MAX_ANSWER_BYTES, signal }).catch(() => undefined);
    return answer.statusCode;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }
}

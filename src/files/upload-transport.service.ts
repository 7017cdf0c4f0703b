import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent } from 'undici';
import { CONFIG, type Config } from '../platform/config/index.js';
import { guardedAgent, HostResolver } from '../platform/egress/index.js';

export interface Upload {
  readonly url: URL;
  /** Whether it is the upstream's own server, wherever that is; the address of every other one is checked. */
  readonly trusted: boolean;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** More than any store says of an upload; it is read so that the connection can be kept. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Brings a file to where the upstream wants it. The URL is signed: it is all that the store has to know of us, so no
 * credentials and no cookies go along, and no redirect is followed.
 */
@Injectable()
export class UploadTransport implements OnApplicationShutdown {
  private readonly trusted: Agent;
  private readonly checked: Agent;

  constructor(@Inject(CONFIG) config: Pick<Config, 'UPSTREAM_CONNECT_MS' | 'UPSTREAM_IDLE_MS'>, hosts: HostResolver) {
    const connect = { timeout: config.UPSTREAM_CONNECT_MS };
    const times = { headersTimeout: config.UPSTREAM_IDLE_MS, bodyTimeout: config.UPSTREAM_IDLE_MS };
    this.trusted = new Agent({ connect, ...times });
    this.checked = guardedAgent(hosts, { connectMs: config.UPSTREAM_CONNECT_MS, silenceMs: config.UPSTREAM_IDLE_MS });
  }

  /** @returns the store's status @throws what the connection does */
  async put({ url, trusted, contentType, bytes }: Upload, signal: AbortSignal): Promise<number> {
    const agent = trusted ? this.trusted : this.checked;
    const { statusCode, body } = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'PUT',
      headers: { 'content-type': contentType, 'x-ms-blob-type': 'BlockBlob' },
      body: bytes,
      signal,
    });
    await body.dump({ limit: MAX_ANSWER_BYTES, signal });
    return statusCode;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.trusted.destroy(), this.checked.destroy()]);
  }
}

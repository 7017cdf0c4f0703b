import { Inject, Injectable } from '@nestjs/common';
import {
  GatewayError,
  type AccountAccess,
  type CatalogEntry,
  type QuotaWindow,
  type RefreshedTokens,
  type ResponseEvent,
  type RoutedCall,
  type UpstreamAnswer,
  type UpstreamKind,
  type UpstreamSocket,
} from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { claimsOf } from '../jwt-claims.js';
import { catalogOf } from './catalog.js';
import { failureOfEvent } from './failed-event.js';
import { CodexOAuth } from './oauth.service.js';
import { quotaOfEvent, quotaOfHeaders } from './quota.js';
import { modelsRequest, responsesRequest, type Backend } from './request.js';
import { visibleHeaders } from './response-headers.js';
import { SseTransport } from './sse-transport.service.js';

/** The Codex backend, used with a ChatGPT login. */
@Injectable()
export class CodexKind implements UpstreamKind {
  readonly name = 'codex';
  private readonly backend: Backend;
  /** One token serves many calls: its claims are read once. */
  private readonly residencies = new WeakMap<AccountAccess, { readonly residency: string | undefined }>();

  constructor(
    private readonly transport: SseTransport,
    private readonly oauth: CodexOAuth,
    @Inject(CONFIG) config: Pick<Config, 'UPSTREAM_BASE_URL' | 'UPSTREAM_CLIENT_VERSION'>,
  ) {
    this.backend = { baseUrl: config.UPSTREAM_BASE_URL, clientVersion: config.UPSTREAM_CLIENT_VERSION };
  }

  async open(access: AccountAccess, call: RoutedCall, signal: AbortSignal): Promise<UpstreamAnswer> {
    const request = responsesRequest(this.backend, access, call, this.residencyOf(access));
    const { status, headers, batches } = await this.transport.open(request, call.stream, signal);
    return {
      status,
      headers: visibleHeaders(headers, call.model),
      quota: quotaOfHeaders(headers, Date.now()),
      batches,
    };
  }

  connect(): Promise<UpstreamSocket> {
    throw new GatewayError('upstream_websocket_unavailable', 'The upstream serves no websockets.');
  }

  quotaOf(event: ResponseEvent): readonly QuotaWindow[] {
    return event.type === 'codex.rate_limits' ? quotaOfEvent(event.json(), Date.now()) : [];
  }

  failureOf(event: ResponseEvent, nowMs: number): GatewayError | undefined {
    return failureOfEvent(event, nowMs);
  }

  refresh(refreshToken: string, signal: AbortSignal): Promise<RefreshedTokens> {
    return this.oauth.refresh(refreshToken, signal);
  }

  async models(access: AccountAccess, signal: AbortSignal): Promise<readonly CatalogEntry[]> {
    const request = modelsRequest(this.backend, access, this.residencyOf(access));
    const { batches } = await this.transport.open(request, false, signal);
    for await (const { events } of batches) {
      const entries = catalogOf(events[0]?.json());
      if (entries !== undefined) return entries;
    }
    throw new GatewayError('invalid_upstream_response', 'The upstream sent no model list.');
  }

  private residencyOf(access: AccountAccess): string | undefined {
    let known = this.residencies.get(access);
    if (known === undefined) {
      known = { residency: claimsOf(access.accessToken)?.residency };
      this.residencies.set(access, known);
    }
    return known.residency;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import {
  GatewayError,
  type AccountAccess,
  type CatalogEntry,
  type LoginProvider,
  type QuotaReport,
  type RefreshedTokens,
  type ResponseEvent,
  type RoutedCall,
  type UpstreamAnswer,
  type UpstreamKind,
  type UpstreamSocket,
} from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { claimsOf } from '../jwt-claims.js';
import { accountUsage } from './account-usage.js';
import { catalogOf } from '../transport/catalog.js';
import { failureOfEvent } from './failure.js';
import { httpForm } from '../transport/http-form.js';
import { leavingOut } from '../transport/leaving-out.js';
import { CodexOAuth } from './oauth.service.js';
import { quotaOfEvent, quotaOfHeaders } from './quota.js';
import { wireOf } from './operations.js';
import { relayRequest, relayedFailure, relayedHeaders } from './relay.js';
import { RefusedFields } from '../transport/refused-fields.js';
import { callRequest, modelsRequest, type Backend } from './request.js';
import { visibleHeaders } from './response-headers.js';
import { socketRequest } from './socket-request.js';
import { SocketTransport } from './socket-transport.service.js';
import { SseTransport } from '../transport/sse-transport.service.js';

/** The Codex backend, used with a ChatGPT login. */
@Injectable()
export class CodexKind implements UpstreamKind {
  readonly name = 'codex';
  readonly login: LoginProvider;
  private readonly backend: Backend;
  private readonly refusedFields = new RefusedFields();
  /** One token serves many calls: its claims are read once. */
  private readonly residencies = new WeakMap<AccountAccess, { readonly residency: string | undefined }>();

  constructor(
    private readonly transport: SseTransport,
    private readonly sockets: SocketTransport,
    private readonly oauth: CodexOAuth,
    @Inject(CONFIG) config: Pick<Config, 'UPSTREAM_BASE_URL' | 'UPSTREAM_CLIENT_VERSION'>,
  ) {
    this.login = oauth;
    this.backend = { baseUrl: config.UPSTREAM_BASE_URL, clientVersion: config.UPSTREAM_CLIENT_VERSION };
  }

  open(access: AccountAccess, call: RoutedCall, signal: AbortSignal): Promise<UpstreamAnswer> {
    if (call.operation === 'relay') return this.relay(access, call, signal);
    return leavingOut(call, this.refusedFields, Date.now, (asked) => this.send(access, asked, signal));
  }

  connect(access: AccountAccess, call: RoutedCall, signal: AbortSignal): Promise<UpstreamSocket> {
    return this.sockets.connect(socketRequest(this.backend, access, call, this.residencyOf(access)), signal);
  }

  servesWebsockets(nowMs: number): boolean {
    return this.sockets.served(nowMs);
  }

  quotaOf(event: ResponseEvent): QuotaReport | undefined {
    return event.type === 'codex.rate_limits' ? quotaOfEvent(event.json(), Date.now()) : undefined;
  }

  failureOf(event: ResponseEvent, nowMs: number): GatewayError | undefined {
    return failureOfEvent(event, nowMs);
  }

  refresh(refreshToken: string, signal: AbortSignal): Promise<RefreshedTokens> {
    return this.oauth.refresh(refreshToken, signal);
  }

  async models(access: AccountAccess, signal: AbortSignal): Promise<readonly CatalogEntry[]> {
    const request = modelsRequest(this.backend, access, this.residencyOf(access));
    const { batches } = await this.transport.open(request, 'json', signal);
    for await (const { events } of batches) {
      const entries = catalogOf(events[0]?.json());
      if (entries !== undefined) return entries;
    }
    throw new GatewayError('invalid_upstream_response', 'The upstream sent no model list.');
  }

  usage(access: AccountAccess, signal: AbortSignal): Promise<QuotaReport> {
    return accountUsage(this.transport, this.backend, access, signal, Date.now);
  }

  private async send(access: AccountAccess, call: RoutedCall, signal: AbortSignal): Promise<UpstreamAnswer> {
    const request = callRequest(this.backend, access, httpForm(call), this.residencyOf(access));
    const { status, headers, batches } = await this.transport.open(
      request,
      call.stream ? 'events' : wireOf(call).answer,
      signal,
    );
    return {
      status,
      headers: visibleHeaders(headers, call),
      quota: quotaOfHeaders(headers, Date.now()),
      batches,
    };
  }

  private async relay(access: AccountAccess, call: RoutedCall, signal: AbortSignal): Promise<UpstreamAnswer> {
    try {
      const { status, headers, batches } = await this.transport.open(
        relayRequest(this.backend, access, call),
        wireOf(call).answer,
        signal,
      );
      const shown = { ...relayedHeaders(headers), ...visibleHeaders(headers, call) };
      return { status, headers: shown, quota: quotaOfHeaders(headers, Date.now()), batches };
    } catch (thrown) {
      throw relayedFailure(thrown);
    }
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

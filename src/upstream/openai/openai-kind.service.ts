import { Inject, Injectable } from '@nestjs/common';
import {
  GatewayError,
  LoginRequired,
  type AccountAccess,
  type CatalogEntry,
  type Operation,
  type QuotaReport,
  type RefreshedTokens,
  type ResponseEvent,
  type RoutedCall,
  type UpstreamAnswer,
  type UpstreamKind,
  type UpstreamSocket,
} from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { httpForm } from '../transport/http-form.js';
import { leavingOut } from '../transport/leaving-out.js';
import { header, requestIdIn, shown } from '../transport/received-headers.js';
import { RefusedFields } from '../transport/refused-fields.js';
import { SseTransport } from '../transport/sse-transport.service.js';
import { responsesModels } from './catalog.js';
import { failureOfEvent } from './failure.js';
import { served } from './limits.js';
import { modelsRequest, responsesRequest } from './request.js';

/** The OpenAI Platform, used with an API key: every call is paid for by itself. */
@Injectable()
export class OpenAiKind implements UpstreamKind {
  readonly name = 'openai';
  readonly credentials = 'api_key';
  readonly metered = true;
  /**
   * What every dialect's model calls become. Compaction, files, pictures and sound have other forms there than at the
   * backend that those operations are made for.
   */
  readonly operations: ReadonlySet<Operation> = new Set<Operation>(['responses']);
  private readonly baseUrl: string;
  private readonly refusedFields = new RefusedFields();

  constructor(
    private readonly transport: SseTransport,
    @Inject(CONFIG) config: Pick<Config, 'OPENAI_UPSTREAM_BASE_URL'>,
  ) {
    this.baseUrl = config.OPENAI_UPSTREAM_BASE_URL;
  }

  open(access: AccountAccess, call: RoutedCall, signal: AbortSignal): Promise<UpstreamAnswer> {
    return leavingOut(call, this.refusedFields, Date.now, (asked) => this.send(access, asked, signal));
  }

  connect(): Promise<UpstreamSocket> {
    return Promise.reject(new GatewayError('upstream_websocket_unavailable', 'The upstream serves no websockets.'));
  }

  servesWebsockets(): boolean {
    return false;
  }

  quotaOf(): undefined {
    return undefined;
  }

  failureOf(event: ResponseEvent, nowMs: number): GatewayError | undefined {
    return failureOfEvent(event, nowMs);
  }

  refresh(): Promise<RefreshedTokens> {
    return Promise.reject(new LoginRequired('api_key_rejected'));
  }

  async models(access: AccountAccess, signal: AbortSignal): Promise<readonly CatalogEntry[]> {
    const { batches } = await this.transport.open(modelsRequest(this.baseUrl, access), 'json', signal);
    for await (const { events } of batches) {
      const entries = responsesModels(events[0]?.json());
      if (entries !== undefined) return entries;
    }
    throw new GatewayError('invalid_upstream_response', 'The upstream sent no model list.');
  }

  /**
   * What a key has used nobody tells: a key that is taken is one that may be asked. The model list is all that can be
   * asked for without cost; a key that is restricted to other endpoints is refused that, and taken all the same.
   */
  async usage(access: AccountAccess, signal: AbortSignal): Promise<QuotaReport> {
    try {
      await this.transport.open(modelsRequest(this.baseUrl, access), 'json', signal);
    } catch (thrown) {
      if (!isRestricted(thrown)) throw thrown;
    }
    return served('usage');
  }

  private async send(access: AccountAccess, call: RoutedCall, signal: AbortSignal): Promise<UpstreamAnswer> {
    const request = responsesRequest(this.baseUrl, access, httpForm(call));
    const { status, headers, batches } = await this.transport.open(request, call.stream ? 'events' : 'json', signal);
    return {
      status,
      headers: shown({ 'content-type': header(headers, 'content-type'), 'x-oai-request-id': requestIdIn(headers) }),
      quota: served('headers'),
      batches,
    };
  }
}

/** Not by where it is asked from: that is `upstream_error`. */
const isRestricted = (thrown: unknown): boolean =>
  thrown instanceof GatewayError &&
  (thrown.detail.upstreamCode === 'missing_scope' ||
    (thrown.detail.upstreamStatus === 403 && thrown.code !== 'upstream_error'));

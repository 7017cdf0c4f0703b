import type { PoolSettings } from '../../src/auth/index.js';
import type { TestGateway } from './gateway.js';
import { newPool, type TestPool } from './pools.js';
import type { ScriptedUpstream } from './scripted-upstream/index.js';

export const RESPONSES = '/v1/responses';
export const CHATS = '/v1/chat/completions';

export interface CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly replica?: number;
  readonly key?: string;
}

interface CallAnswer {
  readonly status: number;
  readonly text: string;
  /** `{}` when it is no JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** A client of a Pool that keeps what is said and answered. */
export class StoredClient {
  private constructor(
    private readonly gateway: TestGateway,
    private readonly upstream: ScriptedUpstream,
    private readonly pool: TestPool,
  ) {}

  static async of(gateway: TestGateway, upstream: ScriptedUpstream): Promise<StoredClient> {
    return new StoredClient(gateway, upstream, await newStore(gateway, upstream));
  }

  /** The key of another Pool, which keeps too unless told otherwise. */
  async otherKey(settings: PoolSettings = {}): Promise<string> {
    return (await newStore(this.gateway, this.upstream, settings)).key;
  }

  async call(method: string, path: string, { body, replica = 0, key }: CallOptions = {}): Promise<CallAnswer> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${this.gateway.urls[replica]}${path}`, {
      method,
      headers: { authorization: `Bearer ${key ?? this.pool.key}`, ...json },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, text, body: isJson ? (JSON.parse(text) as CallAnswer['body']) : {} };
  }

  async respond(input: unknown, over: object = {}, options: CallOptions = {}): Promise<CallAnswer['body']> {
    return this.made(RESPONSES, { input, ...over }, options);
  }

  async complete(content: string, over: object = {}, options: CallOptions = {}): Promise<CallAnswer['body']> {
    return this.made(CHATS, { messages: [{ role: 'user', content }], store: true, ...over }, options);
  }

  private async made(path: string, body: object, options: CallOptions): Promise<CallAnswer['body']> {
    const made = await this.call('POST', path, { ...options, body });
    expect([made.status, made.text]).toEqual([200, expect.any(String)]);
    return made.body;
  }
}

const newStore = (gateway: TestGateway, upstream: ScriptedUpstream, settings: PoolSettings = {}): Promise<TestPool> =>
  newPool(gateway, upstream, [{}], { storedResponses: true, defaultModel: 'gpt-5.5', ...settings });

/** How an id that is not there is answered. */
export const notFound = (param: string) => ({
  status: 404,
  body: { error: { type: 'invalid_request_error', code: 'stored_item_not_found', param } },
});

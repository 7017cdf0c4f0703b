import type { AllowedModels } from './allowed-models.js';
import type { Anchor } from './anchor.js';
import type { AccountId, CallId, KeyId, PoolId } from './ids.js';
import type { EffortRule, ServiceTier } from './key-policy.js';
import type { Operation } from './operation.js';
import type { RoutingPolicy } from './routing-policy.js';
import { withoutReasoning } from './unsealed.js';
import type { UsageLimit } from './usage-limit.js';

/** What a Pool allows, as far as a request in flight needs to know. */
export interface PoolPolicy {
  readonly id: PoolId;
  readonly slug: string;
  /** `/v1` routes answer 403 when false. */
  readonly v1Enabled: boolean;
  readonly imageGenerationEnabled: boolean;
  /** Used when a request names no model; absent means such a request is refused. */
  readonly defaultModel?: string;
  /** Whether a model that is in no account's catalog may be asked for. */
  readonly allowUnlistedModels: boolean;
  /** Whether clients see how much of the Pool is used, where the upstream would tell one account's windows. */
  readonly reportCapacity: boolean;
  /** Whether responses and completions are kept for clients that want to come back to them; absent: they are not. */
  readonly stored?: StoredContentPolicy;
  /** What a translated request that brings no instructions of its own is given; absent: the model's own from the catalog. */
  readonly defaultInstructions?: string;
  /** Of the names that Anthropic clients ask for: a pattern with `*` → the model that serves it. The first that fits. */
  readonly anthropicModels: readonly (readonly [pattern: string, model: string])[];
  /** Optional request fields of translated requests that are left out instead of sent, such as `temperature`. */
  readonly droppedParams: ReadonlySet<string>;
  readonly routing: RoutingPolicy;
}

/** How long and how much of what clients said and were answered is kept, sealed. */
export interface StoredContentPolicy {
  /** Of responses and of completions, each; the oldest go first. 0 keeps none. */
  readonly maxItems: number;
  readonly ttlMs: number;
}

/** The authenticated caller: a Pool API key and its Pool. */
export interface Principal {
  readonly keyId: KeyId;
  /** Operator's name for the key; metadata, may be logged. */
  readonly keyLabel: string;
  readonly pool: PoolPolicy;
  /** The only models that the key may ask for; absent: any. */
  readonly allowedModels?: AllowedModels;
  /** Calls of this key that may run at once, over all replicas; absent: no limit of its own. */
  readonly maxConcurrent?: number;
  /** Of the names that this key asks for: a pattern with `*` → the model that serves it. The first that fits. */
  readonly modelAliases?: readonly (readonly [pattern: string, model: string])[];
  /** Takes the place of whatever model is asked for. */
  readonly forcedModel?: string;
  readonly effort?: EffortRule;
  /** Takes the place of whatever service tier is asked for. */
  readonly serviceTier?: ServiceTier;
  /** Addresses that the key may be used from, as CIDR blocks; absent: any. */
  readonly allowedAddresses?: readonly string[];
  /** Of the key and of its Pool, each for itself; absent: none. */
  readonly limits?: readonly UsageLimit[];
}

/** A request body that can be given up once it was sent, so that a long stream does not keep it in memory. */
export class CallBody {
  private held: Buffer | undefined;
  private readonly origin: CallBody | undefined;
  private open: { readonly since: string; readonly body: CallBody } | undefined;

  /** @param origin the body that this one was made of: it is given up with it */
  constructor(bytes: Buffer, origin?: CallBody) {
    this.held = bytes;
    this.origin = origin;
  }

  /** @throws Error when asked for after `release()`: nothing may be sent twice once the client has seen an event. */
  get bytes(): Buffer {
    if (this.held === undefined) throw new Error('The request body was already released.');
    return this.held;
  }

  /**
   * The same without reasoning that only the account that made it can read; itself when there is none. It is made when it
   * is asked for, from the bytes: until then nothing but those is kept.
   *
   * @param since see `withoutReasoning`
   */
  unsealed(since: readonly string[] = []): CallBody {
    const name = since.join();
    if (this.open?.since !== name) {
      const without = withoutReasoning(this.bytes, new Set(since));
      this.open = { since: name, body: without === this.held ? this : new CallBody(without) };
    }
    return this.open.body;
  }

  release(): void {
    const { open } = this;
    this.held = undefined;
    this.open = undefined;
    this.origin?.release();
    if (open !== undefined && open.body !== this) open.body.release();
  }
}

/** The canonical request: one call of an upstream, free of any client dialect. */
export interface RoutedCall {
  readonly id: CallId;
  /** What the client sees as `x-request-id`; chosen by the client or by us, not unique. */
  readonly requestId: string;
  /** Unix time in milliseconds. */
  readonly receivedAtMs: number;
  /** The dialect's name, e.g. `codex-backend`. */
  readonly dialect: string;
  /** The path that was called, without query. */
  readonly route: string;
  readonly operation: Operation;
  /** How the client's request came: over HTTP, or as one turn of a websocket. */
  readonly transport: 'http' | 'websocket';
  /** Ids of uploaded files that the body refers to: the account that holds them has to serve. */
  readonly files?: readonly string[];
  /** The id in the upstream path, for operations on one thing: the file of `files_uploaded`. */
  readonly resource?: string;
  /** What a `relay` asks of the upstream: its method, and path and query below the Codex base. Private: never logged. */
  readonly target?: { readonly method: string; readonly path: string };
  /** As the client named it; `''` for operations without one. */
  readonly model: string;
  /** The reasoning effort that the client asked for, where the upstream has another word for it, which is the body's. */
  readonly askedEffort?: string;
  /** Whether the answer is an event stream; a websocket turn's always is. */
  readonly stream: boolean;
  /** The client gets the answer in one piece, although the upstream streams it. */
  readonly collected?: true;
  /** The account that has to serve it, or that is the first to be asked: it holds what the call goes on from. */
  readonly account?: { readonly id: AccountId; readonly required: boolean };
  /**
   * What of the input only the account that made it can read: reasoning, which can be left out, or a folded
   * conversation, which cannot. Absent: nothing.
   */
  readonly sealed?: 'reasoning' | 'conversation';
  /** What the call goes on from, the newest first; of many sealed items only the newest. Whoever made them is to serve it. */
  readonly anchors?: readonly Anchor[];
  /** Its reasoning was left out, because whoever got it before could not read it. */
  readonly withoutReasoning?: true;
  /** Output tokens that the client wants at most, if it said so: the upstream does not hear of it. */
  readonly maxOutputTokens?: number;
  /** The client's prompt cache key. Private: hash it before it is stored or logged. */
  readonly cacheKey?: string;
  /** The client's own name for its session, if it sent one. Private: hash it before it is stored or logged. */
  readonly session?: string;
  /** Client headers that go upstream as they are (lower-case names). Private: never logged. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the body. Absent: `application/json`. */
  readonly contentType?: string;
  /** What goes upstream, for most operations JSON: the client's own bytes when nothing had to change. */
  readonly body: CallBody;
}

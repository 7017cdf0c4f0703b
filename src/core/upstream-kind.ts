import type { RoutedCall } from './call.js';
import type { AccountId } from './ids.js';
import type { GatewayError } from './error.js';
import type { EventBatch, ResponseEvent } from './events.js';
import type { LoginProvider, RefreshedTokens } from './login-provider.js';
import type { Operation } from './operation.js';
import type { QuotaReport } from './quota.js';

/** What a kind needs to act as an account. Holds secrets: never logged, never stored, dropped after the attempt. */
export interface AccountAccess {
  readonly id: AccountId;
  readonly accessToken: string;
  /** The provider's id of the account (`chatgpt-account-id`); absent for kinds without one. */
  readonly externalAccountId?: string;
  /** Rises with every change of the credentials; a failure seen with an older epoch is out of date. */
  readonly credentialEpoch: number;
}

/** A 2xx answer of the upstream, its events not yet read. */
export interface UpstreamAnswer {
  readonly status: number;
  /** Only the headers that a client may see, lower-case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly quota: QuotaReport;
  /** Returning it early aborts the upstream request. A JSON answer is one batch with one typeless event. */
  readonly batches: AsyncIterable<EventBatch>;
}

/** One websocket to the upstream, for one account: it carries one turn after another. */
export interface UpstreamSocket {
  /** Whether the next turn can go through it: it is open, and its last turn came to a proper end. */
  readonly usable: boolean;

  /**
   * Send one turn and wait for its first frame. Giving its batches back before the terminal event closes the socket:
   * there is no other way to stop the upstream's work.
   *
   * @param call a websocket turn; its body goes out as one text frame, as it is
   * @throws GatewayError `stream_interrupted` when the socket ends before the first frame
   */
  turn(call: RoutedCall, signal: AbortSignal): Promise<UpstreamAnswer>;

  /** Send a frame that has no answer. @throws GatewayError `upstream_websocket_forward_failed` */
  send(frame: Buffer): Promise<void>;

  /** At once; a turn that is running breaks off. Harmless when it is closed already. */
  close(): void;
}

/** One entry of the upstream's model list: the provider's own object, unknown fields and all. */
export interface CatalogEntry {
  readonly slug: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

/** A type of upstream: one folder under `upstream/`, one line in `upstream/kinds.ts`. */
export interface UpstreamKind {
  readonly name: string;
  /** What it can be asked for; absent: everything. */
  readonly operations?: ReadonlySet<Operation>;
  /** Its calls are paid for one by one, beside whatever the account costs by itself; absent: they are not. */
  readonly metered?: true;
  /** What its accounts are held by: a login, whose tokens are refreshed, or a key that is good or not. Absent: a login. */
  readonly credentials?: 'login' | 'api_key';
  /** How its accounts are signed in to; absent: they are not. */
  readonly login?: LoginProvider;

  /**
   * Send the call over HTTP as the account and wait for the answer's head. A websocket turn is put into the form that
   * HTTP wants.
   *
   * @throws GatewayError for every answer that is not 2xx and every transport failure
   */
  open(account: AccountAccess, call: RoutedCall, signal: AbortSignal): Promise<UpstreamAnswer>;

  /**
   * Open a websocket as the account; the handshake's own quota report and headers come with the first turn's answer.
   *
   * @param call what the first turn will be: its headers go with the handshake
   * @throws GatewayError `upstream_websocket_unavailable` when the upstream will not serve one however often it is asked,
   *   else as `open` does
   */
  connect(account: AccountAccess, call: RoutedCall, signal: AbortSignal): Promise<UpstreamSocket>;

  /** False for a while after `connect` was answered that there are no websockets. */
  servesWebsockets(nowMs: number): boolean;

  /** What an event says of the account's quota; undefined for every other event. Must not parse events of other types. */
  quotaOf(event: ResponseEvent): QuotaReport | undefined;

  /**
   * What a failed terminal event means when it is the first thing the upstream said: a failure that another account may
   * not have. `undefined` when the event is no failure, or one that belongs to the client.
   */
  failureOf(event: ResponseEvent, nowMs: number): GatewayError | undefined;

  /**
   * @throws LoginRequired when the provider says the refresh token is dead
   * @throws GatewayError with `unsent` or `upstreamStatus` when it was not spent; after anything else it may be
   */
  refresh(refreshToken: string, signal: AbortSignal): Promise<RefreshedTokens>;

  /** The models that the account may use. @throws GatewayError as `open` does */
  models(account: AccountAccess, signal: AbortSignal): Promise<readonly CatalogEntry[]>;

  /** How much of its quota the account has used. @throws GatewayError as `open` does */
  usage(account: AccountAccess, signal: AbortSignal): Promise<QuotaReport>;
}

/** The provider refused the refresh token for good: only a new login helps. `reason` is a safe token such as `invalid_grant`. */
export class LoginRequired extends Error {
  override readonly name = 'LoginRequired';

  constructor(readonly reason: string) {
    super(`The upstream refused the refresh token: ${reason}`);
  }
}

import type { QuotaReport } from './quota.js';

/** Who has to act for the same call to succeed next time. */
export type Blame = 'client' | 'limits' | 'pool' | 'account' | 'upstream' | 'gateway';

/**
 * How far a failure reaches: this request only, the one account that served it, or the whole upstream service.
 * Only `account` failures may touch an account's health.
 */
export type Scope = 'request' | 'account' | 'service';

interface ErrorRow {
  /** HTTP status while no byte has left; afterwards only the dialect's own failure event can carry it. */
  readonly status: number;
  readonly blame: Blame;
  readonly scope: Scope;
  /** True when another account may do better, as long as the client has seen nothing yet. */
  readonly failover: boolean;
}

const row = (status: number, blame: Blame, scope: Scope = 'request', failover = false): ErrorRow => ({
  status,
  blame,
  scope,
  failover,
});

/** Every way a call can end badly. The key is the code on the wire unless a dialect says otherwise. */
export const ERRORS = {
  invalid_request: row(400, 'client'),
  invalid_model: row(400, 'client'),
  /** A request field that is not known here, or that cannot be honoured. */
  unsupported_parameter: row(400, 'client'),
  /** A strict schema that the upstream would refuse; `param` is the path of what is wrong in it. */
  invalid_json_schema: row(400, 'client'),
  invalid_function_parameters: row(400, 'client'),
  unsupported_input_image_format: row(400, 'client'),
  unsupported_input_file_format: row(400, 'client'),
  websocket_upgrade_required: row(400, 'client'),
  /** A file cannot be announced as a form: its bytes never come through here. */
  unsupported_multipart_file_create: row(400, 'client'),
  /** Nobody may call the gateway from this address. */
  access_denied: row(403, 'client'),
  /** The key may be used, but not from this address. */
  address_not_allowed: row(403, 'client'),
  /** More reasoning than the key may ask for. */
  reasoning_effort_not_allowed: row(400, 'client'),
  /** A limit of the key or its Pool; `param` names it, and `resetsAtMs` or `retryAfterMs` says until when, if it passes. */
  api_key_policy_limit_exceeded: row(429, 'limits'),
  /** Too much was guessed from where this comes from. Whether this credential is wrong as well was not looked up. */
  too_many_failed_credentials: row(429, 'limits'),
  api_key_missing: row(401, 'client'),
  api_key_revoked: row(401, 'client'),
  api_key_paused: row(401, 'client'),
  api_key_expired: row(401, 'client'),
  /** What `/v1` says of a key that is revoked, paused or expired. */
  api_key_disabled: row(401, 'client'),
  /** What the usage routes say of a caller who is neither a Pool API key nor one of the Pool's accounts. */
  invalid_api_key: row(401, 'client'),
  invalid_authorization: row(401, 'client'),
  invalid_chatgpt_account: row(404, 'client'),
  v1_compatibility_disabled: row(403, 'client'),
  model_not_allowed: row(403, 'client'),
  image_generation_disabled: row(403, 'client'),
  /** A gateway that asks for no key is asked by a web page, or under a name that is not this machine's own. */
  foreign_origin: row(403, 'client'),
  not_found: row(404, 'client'),
  file_not_found: row(404, 'client'),
  /** A stored response or completion that is not there, or no longer, or not this Pool's. */
  stored_item_not_found: row(404, 'client'),
  /** No such model, where a protocol wants that told as "not found". */
  model_not_found: row(404, 'client'),
  unsupported_endpoint: row(404, 'client'),
  method_not_allowed: row(405, 'client'),
  request_timeout: row(408, 'client'),
  /** The files of one request are with different accounts. */
  file_assignment_conflict: row(409, 'client'),
  /** The file was announced but its upload was not finished. */
  file_not_ready: row(409, 'client'),
  /** A stored response that is over cannot be cancelled. */
  response_not_cancellable: row(409, 'client'),
  /** A turn with this id was already asked for on this websocket. */
  duplicate_turn: row(409, 'client'),
  request_too_large: row(413, 'client'),
  request_decompression_timeout: row(408, 'client'),
  compressed_request_too_large: row(413, 'client'),
  decompressed_request_too_large: row(413, 'client'),
  decompression_ratio_exceeded: row(413, 'client'),
  unsupported_content_encoding: row(415, 'client'),
  unsupported_media_type: row(415, 'client'),
  /** The path is there, but not over a websocket. */
  websocket_unavailable: row(426, 'gateway'),
  request_header_too_large: row(431, 'client'),
  client_disconnected: row(499, 'client'),
  no_eligible_backend: row(503, 'pool'),
  /** The only account that can go on with this cannot serve now. */
  pinned_continuation_unavailable: row(503, 'pool'),
  /** The same, because its login is over: only its operator can bring it back. */
  pinned_continuation_reauth_required: row(503, 'pool'),
  /** The upstream socket that a turn continues is gone: the client opens a new one and sends everything again. */
  websocket_connection_limit_reached: row(400, 'gateway'),
  /** Every account of the Pool is out of quota; `resetsAtMs` says until when. */
  usage_limit_reached: row(429, 'pool'),
  /** The upstream refused the account itself: 401 after a refresh, 403, a revoked login. */
  upstream_account_rejected: row(503, 'account', 'account', true),
  /** The account's quota window is spent; it sits out until `resetsAtMs`. */
  upstream_quota_exhausted: row(429, 'account', 'account', true),
  /** A short 429 that says nothing about quota; seconds, and another account. */
  upstream_rate_limited: row(429, 'account', 'account', true),
  /** The account's catalog promised a model that the account does not serve. */
  upstream_model_unavailable: row(404, 'account', 'request', true),
  /** The one place that the account has now is taken: another call is trying it after a failure. Nothing was sent. */
  upstream_account_busy: row(503, 'account', 'request', true),
  /** The provider is overloaded: nobody's fault, short, never an account's health. */
  server_is_overloaded: row(503, 'upstream', 'service', true),
  upstream_error: row(502, 'upstream', 'service', true),
  upstream_request_failed: row(502, 'upstream', 'service', true),
  upstream_timeout: row(504, 'upstream', 'service', true),
  upstream_response_too_large: row(502, 'upstream', 'service', true),
  invalid_upstream_response: row(502, 'upstream', 'service', true),
  /** The upstream serves no websockets, or none for now; a turn goes over HTTP instead. */
  upstream_websocket_unavailable: row(502, 'upstream', 'service', true),
  upstream_websocket_forward_failed: row(502, 'upstream', 'service'),
  /** A compaction that did not give exactly what the client needs. */
  invalid_compaction_response: row(502, 'upstream', 'service'),
  upstream_file_bridge_invalid_response: row(502, 'upstream', 'service'),
  /** The upstream refused this very request (its own 4xx): the next account would say the same. */
  upstream_refused: row(400, 'client'),
  /** The model's answer is a failure: the upstream said so itself, in `upstreamMessage` if it said why. */
  upstream_response_failed: row(502, 'upstream', 'service'),
  /** The answer holds no picture, or the upstream could not make one. */
  image_generation_failed: row(502, 'upstream', 'service'),
  /** The bytes of a file did not arrive where the upstream wanted them. */
  upstream_file_upload_failed: row(502, 'upstream', 'service'),
  websocket_sequence_exhausted: row(500, 'gateway'),
  /** The upstream stream ended, or broke, without a terminal event. */
  stream_interrupted: row(502, 'upstream', 'service', true),
  stream_idle_timeout: row(502, 'upstream', 'service', true),
  /** The process that held the call died; only the sweeper writes it. */
  process_lost: row(500, 'gateway'),
  /** How the call ended could not be written whole; only the sweeper writes it. */
  settlement_refused: row(500, 'gateway'),
  /** Who may call, or from where, cannot be looked up: the database is away. */
  settings_unavailable: row(503, 'gateway'),
  accounting_unavailable: row(503, 'gateway'),
  draining: row(503, 'gateway'),
  internal: row(500, 'gateway'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** An upstream error answer that a native client may get as it came: status and body bytes. Never logged or stored. */
export interface RelayedAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Of its other headers those that a client may see, lower-case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface ErrorDetail {
  /** The field at fault, in the caller's own spelling. */
  readonly param?: string;
  /** True when it is the model that is at fault, because nobody lists it. */
  readonly unlisted?: boolean;
  /** How long to wait before the same request makes sense, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Unix time in milliseconds at which the quota comes back. */
  readonly resetsAtMs?: number;
  /** True when the failure came before a byte of the request was sent: it had no effect. */
  readonly unsent?: boolean;
  /** How long the account that failed should sit out, in milliseconds. */
  readonly cooldownMs?: number;
  /** The upstream's HTTP status, for the ledger. */
  readonly upstreamStatus?: number;
  /** The provider's own error code when it is a safe token (`[A-Za-z0-9_.-]`, at most 80), else absent. */
  readonly upstreamCode?: string;
  /** The provider's own words, for the caller alone: redacted before they are sent, never logged or stored. */
  readonly upstreamMessage?: string;
  /** What the failed answer says of the account's quota. */
  readonly quota?: QuotaReport;
  readonly relay?: RelayedAnswer;
  readonly cause?: unknown;
}

/** `message` is written for the caller and holds no provider text; `cause` is for the log and never leaves the process. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly detail: ErrorDetail = {},
  ) {
    super(message, { cause: detail.cause });
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get failover(): boolean {
    return ERRORS[this.code].failover;
  }

  /** Anything that is not ours is `internal`: one fixed sentence outside, the cause inside. */
  static from(thrown: unknown): GatewayError {
    return thrown instanceof GatewayError
      ? thrown
      : new GatewayError('internal', 'Internal server error', { cause: thrown });
  }
}

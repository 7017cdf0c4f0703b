import { GatewayError, isWithin, type Principal, type RenderedError } from '../core/index.js';
import type { IngressRequest, IngressStep } from '../platform/http/index.js';
import { authorizationOf } from './credential.js';
import type { CredentialThrottle } from './ingress/credential-throttle.service.js';
import { keyMissing } from './key-record.js';
import { isImageRoute, isOneOf, isOnlyWhenStored, isUsagePath, methodsAt, type Route } from './routes.js';
import { surfaceOf } from './surface.js';

export interface Authenticator {
  authenticate(authorization: string | undefined, nowMs: number): Promise<Principal>;
}

type Throttle = Pick<CredentialThrottle, 'tried'>;

interface Wiring {
  readonly keys: Authenticator;
  /** The native routes that are there; on all other paths there is nothing, for anybody. */
  readonly servedNativeRoutes: readonly Route[];
  /** The routes below `/v1` that are there; all others answer `unsupported_endpoint`. */
  readonly servedV1Routes: readonly Route[];
  /** Whether those others go to the upstream instead. */
  readonly relaysUnknownV1?: boolean;
  /** What a request shows, as an `authorization` header; absent: `authorizationOf`. */
  readonly shownBy?: (request: IngressRequest) => string | undefined;
  /** Slows down who guesses; absent: nobody does. */
  readonly throttle?: Throttle;
  /** Unix time in milliseconds. */
  readonly now: () => number;
}

/**
 * The steps before a body is read, in the order in which their refusals must show. Paths of our own operation pass
 * through all of them untouched. A check of addresses that is no key's own goes before the first.
 */
export const ingressSteps = ({
  keys,
  servedNativeRoutes,
  servedV1Routes,
  relaysUnknownV1 = false,
  shownBy = authorizationOf,
  throttle = UNHURRIED,
  now,
}: Wiring): readonly IngressStep[] => [
  servedNativelyStep(servedNativeRoutes),
  authenticateStep(keys, shownBy, throttle, now),
  addressStep,
  v1GateStep,
  ...(relaysUnknownV1 ? [] : [unsupportedStep(servedV1Routes)]),
  storedContentStep(servedV1Routes),
  imagePermissionStep,
];

const NOT_FOUND: RenderedError = {
  status: 404,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: 'Not Found',
};

/**
 * The native surface is no wildcard proxy: what Codex clients ask for beyond the served routes (helpers of their control
 * plane, reachability checks) is answered before anything is asked or read.
 */
const servedNativelyStep =
  (served: readonly Route[]): IngressStep =>
  ({ method, path, headers }) => {
    if (surfaceOf(path) !== 'native') return undefined;
    const methods = methodsAt(served, path);
    if (methods.includes(method)) return undefined;
    // Whoever asks for a websocket learns that there is none: beside a realtime call there is no side channel.
    return methods.length === 0 || 'sec-websocket-key' in headers ? NOT_FOUND : methodNotAllowed(method, methods);
  };

/** `codex doctor` sends `HEAD …/responses` without credentials and takes this for "reachable". */
function methodNotAllowed(method: string, methods: readonly string[]): RenderedError {
  const error = new GatewayError('method_not_allowed', 'This path does not answer to this method.');
  const { message, code, status } = error;
  return {
    status,
    headers: { allow: methods.join(', '), 'content-type': 'application/json; charset=utf-8' },
    body: method === 'HEAD' ? '' : { error: { message, type: 'invalid_request_error', code, param: null } },
  };
}

const UNHURRIED: Throttle = { tried: (_shown, _nowMs, attempt) => attempt() };

/** Native and `/v1` alike: a body of a caller that we do not know is never read. */
const authenticateStep =
  (
    keys: Authenticator,
    shownBy: (request: IngressRequest) => string | undefined,
    throttle: Throttle,
    now: () => number,
  ): IngressStep =>
  async (request) => {
    const { path, address } = request;
    const surface = surfaceOf(path);
    if (surface === 'operations') return undefined;
    try {
      const [credential, nowMs] = [shownBy(request), now()];
      const attempt = () => keys.authenticate(credential, nowMs);
      // What an account shows is judged, and counted, by the route.
      request.caller = isOfAccount(request)
        ? await attempt()
        : await throttle.tried({ door: 'pool_key', address, credential }, nowMs, attempt);
    } catch (error) {
      if (surface === 'public') throw asPublic(error);
      if (!isUsagePath(path)) throw error;
      passAccount(request, error);
    }
    return undefined;
  };

/**
 * The usage routes also answer to the accounts themselves. Whether the token is the account's is for the route to find
 * out, so whoever names one goes on without a caller.
 *
 * @throws the key's own failure when nobody can say whose it is, else `invalid_api_key`
 */
function passAccount(request: IngressRequest, error: unknown): void {
  if (!(error instanceof GatewayError) || error.status !== 401) throw error;
  if (!isOfAccount(request)) {
    throw new GatewayError('invalid_api_key', 'A valid Pool API key, or an account and its token, is required.');
  }
}

const isOfAccount = ({ path, headers }: IngressRequest): boolean =>
  isUsagePath(path) && (headers['chatgpt-account-id'] ?? '') !== '';

/** On `/v1` what is wrong with a key is not told. */
function asPublic(error: unknown): unknown {
  if (!(error instanceof GatewayError) || error.status !== 401 || error.code === 'api_key_missing') return error;
  return new GatewayError('api_key_disabled', 'This Pool API key cannot be used.');
}

/** A key that is limited to addresses is refused where nobody knows from which it is used. */
const addressStep: IngressStep = ({ caller, address = '' }) => {
  if (caller?.allowedAddresses === undefined || isWithin(caller.allowedAddresses, address)) return undefined;
  throw new GatewayError('address_not_allowed', 'This Pool API key may not be used from this address.');
};

const v1GateStep: IngressStep = (request) => {
  if (surfaceOf(request.path) !== 'public' || callerOf(request).pool.v1Enabled) return undefined;
  throw new GatewayError('v1_compatibility_disabled', 'The /v1 routes are switched off for this Pool.');
};

const unsupportedStep =
  (served: readonly Route[]): IngressStep =>
  (request) => {
    if (surfaceOf(request.path) !== 'public' || isOneOf(served, request)) return undefined;
    throw unsupported();
  };

/** The same for every id, so that nobody learns what another Pool keeps. */
const storedContentStep =
  (served: readonly Route[]): IngressStep =>
  (request) => {
    if (!isOnlyWhenStored(served, request) || callerOf(request).pool.stored) return undefined;
    throw unsupported();
  };

const unsupported = (): GatewayError =>
  new GatewayError('unsupported_endpoint', 'This OpenAI endpoint is not supported by this gateway');

const imagePermissionStep: IngressStep = (request) => {
  if (!isImageRoute(request) || callerOf(request).pool.imageGenerationEnabled) return undefined;
  throw new GatewayError('image_generation_disabled', 'Image generation is switched off for this Pool.');
};

function callerOf({ caller }: IngressRequest): Principal {
  if (!caller) throw keyMissing();
  return caller;
}

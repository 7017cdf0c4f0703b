import { GatewayError, type Principal, type RenderedError } from '../core/index.js';
import type { IngressRequest, IngressStep } from '../platform/http/index.js';
import { keyMissing } from './key-record.js';
import { isImageRoute, isOneOf, isPruned, type Route } from './routes.js';
import { surfaceOf } from './surface.js';

export interface Authenticator {
  authenticate(authorization: string | undefined, nowMs: number): Promise<Principal>;
}

interface Wiring {
  readonly keys: Authenticator;
  /** The routes below `/v1` that are there; all others answer `unsupported_endpoint`. */
  readonly servedV1Routes: readonly Route[];
  /** Unix time in milliseconds. */
  readonly now: () => number;
}

/**
 * The steps before a body is read, in the order in which their refusals must show. Paths of our own operation pass
 * through all of them untouched. A check of the caller's address goes before the first.
 */
export const ingressSteps = ({ keys, servedV1Routes, now }: Wiring): readonly IngressStep[] => [
  prunedStep,
  authenticateStep(keys, now),
  v1GateStep,
  unsupportedStep(servedV1Routes),
  imagePermissionStep,
];

const NOT_FOUND: RenderedError = {
  status: 404,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: 'Not Found',
};

const prunedStep: IngressStep = (request) => (isPruned(request) ? NOT_FOUND : undefined);

/** Native and `/v1` alike: a body of a caller that we do not know is never read. */
const authenticateStep =
  (keys: Authenticator, now: () => number): IngressStep =>
  async (request) => {
    const surface = surfaceOf(request.path);
    if (surface === 'operations') return undefined;
    const { authorization } = request.headers;
    request.caller = await keys.authenticate(authorization, now()).catch((error: unknown) => {
      throw surface === 'public' ? asPublic(error) : error;
    });
    return undefined;
  };

/** On `/v1` what is wrong with a key is not told. */
function asPublic(error: unknown): unknown {
  if (!(error instanceof GatewayError) || error.status !== 401 || error.code === 'api_key_missing') return error;
  return new GatewayError('api_key_disabled', 'This Pool API key cannot be used.');
}

const v1GateStep: IngressStep = (request) => {
  if (surfaceOf(request.path) !== 'public' || callerOf(request).pool.v1Enabled) return undefined;
  throw new GatewayError('v1_compatibility_disabled', 'The /v1 routes are switched off for this Pool.');
};

const unsupportedStep =
  (served: readonly Route[]): IngressStep =>
  (request) => {
    if (surfaceOf(request.path) !== 'public' || isOneOf(served, request)) return undefined;
    throw new GatewayError('unsupported_endpoint', 'This OpenAI endpoint is not supported by this gateway');
  };

const imagePermissionStep: IngressStep = (request) => {
  if (!isImageRoute(request) || callerOf(request).pool.imageGenerationEnabled) return undefined;
  throw new GatewayError('image_generation_disabled', 'Image generation is switched off for this Pool.');
};

function callerOf({ caller }: IngressRequest): Principal {
  if (!caller) throw keyMissing();
  return caller;
}

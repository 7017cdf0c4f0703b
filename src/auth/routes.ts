/** One route: its method, and its decoded path with `:name` for segments that vary. */
export interface Route {
  readonly method: string;
  readonly path: string;
}

export const isOneOf = (routes: readonly Route[], { method, path }: Route): boolean =>
  routes.some((route) => route.method === method && fits(route.path, path));

function fits(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((segment, at) => (segment.startsWith(':') ? given[at] !== '' : segment === given[at]))
  );
}

/**
 * Helpers of the Codex control plane. The native surface is no wildcard proxy: these are not there, and say so before
 * anything is asked or read. Source: what Codex clients probe for.
 */
const PRUNED: readonly Route[] = [
  ...['/backend-api/codex', '/backend-api/wham'].map((root) => ({
    method: 'GET',
    path: `${root}/agent-identities/jwks`,
  })),
  ...['/api/codex', '/wham', '/backend-api/wham'].map((root) => ({
    method: 'POST',
    path: `${root}/rate-limit-reset-credits/consume`,
  })),
  ...[
    'thread/goal/get',
    'thread/goal/set',
    'thread/goal/clear',
    'analytics-events/events',
    'memories/trace_summarize',
    'alpha/search',
    'safety/arc',
  ].map((helper) => ({ method: 'POST', path: `/backend-api/codex/${helper}` })),
];

const IMAGES: readonly Route[] = ['/backend-api/codex/images', '/v1/images'].flatMap((root) =>
  ['generations', 'edits'].map((action) => ({ method: 'POST', path: `${root}/${action}` })),
);

export const isPruned = (route: Route): boolean => isOneOf(PRUNED, route);
export const isImageRoute = (route: Route): boolean => isOneOf(IMAGES, route);

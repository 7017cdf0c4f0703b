/** One route: its method, and its decoded path with `:name` for segments that vary. */
export interface Route {
  readonly method: string;
  readonly path: string;
  /** Whether it is there only for Pools that keep what clients said and were answered. */
  readonly onlyWhenStored?: boolean;
}

export const isOneOf = (routes: readonly Route[], { method, path }: Route): boolean =>
  methodsAt(routes, path).includes(method);

export const isOnlyWhenStored = (routes: readonly Route[], { method, path }: Route): boolean =>
  routes.find((route) => route.method === method && fits(route.path, path))?.onlyWhenStored ?? false;

/** The methods of the routes at a path, sorted; [] where there is no route at all. */
export const methodsAt = (routes: readonly Route[], path: string): readonly string[] =>
  routes
    .filter((route) => fits(route.path, path))
    .map(({ method }) => method)
    .sort();

function fits(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((segment, at) => (segment.startsWith(':') ? given[at] !== '' : segment === given[at]))
  );
}

const IMAGES: readonly Route[] = ['/backend-api/codex/images', '/v1/images'].flatMap((root) =>
  ['generations', 'edits'].map((action) => ({ method: 'POST', path: `${root}/${action}` })),
);

/** Codex clients ask at `/wham` when their base URL holds `/backend-api`, else at `/api/codex`. */
const USAGE = ['/backend-api/wham/usage', '/wham/usage', '/api/codex/usage'];

export const isImageRoute = (route: Route): boolean => isOneOf(IMAGES, route);
export const isUsagePath = (path: string): boolean => USAGE.includes(path);

/** Which rules a path falls under: `/v1`, what Codex clients call, or our own operation. */
export type Surface = 'public' | 'native' | 'operations';

const NATIVE = ['/backend-api', '/api/codex', '/wham'];

const isUnder = (path: string, root: string) => path === root || path.startsWith(`${root}/`);

/** @param path decoded */
export function surfaceOf(path: string): Surface {
  if (isUnder(path, '/v1')) return 'public';
  return NATIVE.some((root) => isUnder(path, root)) ? 'native' : 'operations';
}

export const API_ROOT = '/api/v1';
/** For everybody who can reach them: they tell what any copy of this program would. */
export const API_PAGES: readonly string[] = [`${API_ROOT}/openapi.json`, '/api/docs'];

const isUnder = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);

/** Whether a decoded path is the operators'. Codex clients ask for their usage below the same first word. */
export const isApiPath = (path: string): boolean => isUnder(path, '/api') && !isUnder(path, '/api/codex');

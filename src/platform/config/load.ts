import { environment, type Config } from './schema.js';

/** Which variables of a configuration were given; the others have their defaults. Copies of a configuration keep it. */
const GIVEN = Symbol('given');

/** What local mode has for variables that nobody set. */
const LOCAL_DEFAULTS: NodeJS.ProcessEnv = {
  PORT: '18080',
  RELAY_UNKNOWN_V1: 'true',
  MCP_ENABLED: 'false',
  METRICS_PORT: '0',
};
/** Names of other local servers for the same things, read in local mode where ours is absent. */
const ALSO_KNOWN_AS: Readonly<Record<string, readonly string[]>> = {
  HOST: ['OPENAI_VIA_CODEX_HOST', 'CODEX_AS_API_HOST'],
  PORT: ['OPENAI_VIA_CODEX_PORT', 'CODEX_AS_API_PORT'],
  API_KEY: ['OPENAI_VIA_CODEX_API_KEY'],
  AUTH_JSON: ['OPENAI_VIA_CODEX_AUTH_JSON', 'CODEX_AS_API_AUTH_PATH'],
  DEFAULT_MODEL: ['OPENAI_VIA_CODEX_DEFAULT_MODEL', 'CODEX_AS_API_MODEL'],
};

/**
 * The environment, checked once. An empty variable counts as absent.
 *
 * @param flags variables that the command line sets
 * @throws Error naming every variable that is wrong, and no value: values are secrets.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, flags: NodeJS.ProcessEnv = {}): Config {
  const given = Object.fromEntries(Object.entries({ ...env, ...flags }).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given['MODE'] === 'local' ? locally(given) : given);
  if (parsed.success) return Object.freeze({ ...parsed.data, [GIVEN]: namesOf(given) });
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new Error(`Invalid environment: ${problems.join('; ')}`);
}

/** Whether somebody gave a variable a value, under whatever name it is known by. */
export function isGiven(config: Config, name: keyof Config): boolean {
  const given: unknown = GIVEN in config ? config[GIVEN] : undefined;
  return given instanceof Set && given.has(name);
}

function namesOf(given: NodeJS.ProcessEnv): ReadonlySet<string> {
  const also = given['MODE'] === 'local' ? Object.entries(ALSO_KNOWN_AS) : [];
  const known = also.filter(([, aliases]) => aliases.some((alias) => given[alias] !== undefined));
  return new Set([...Object.keys(given), ...known.map(([name]) => name)]);
}

function locally(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(ALSO_KNOWN_AS).map(([name, aliases]) => {
    const alias = aliases.find((each) => given[each] !== undefined);
    return [name, alias && given[alias]] as const;
  });
  return { ...LOCAL_DEFAULTS, ...Object.fromEntries(others.filter(([, value]) => value !== undefined)), ...given };
}

/** A variable whose name an operator wrote into the declarative file; empty counts as absent. */
export const namedVariable = (name: string): string | undefined => process.env[name] || undefined;

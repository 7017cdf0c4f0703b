import { environment, type Config } from './schema.js';

/**
 * The environment, checked once. An empty variable counts as absent.
 *
 * @throws Error naming every variable that is wrong, and no value: values are secrets.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new Error(`Invalid environment: ${problems.join('; ')}`);
}

/** A variable whose name an operator wrote into the declarative file; empty counts as absent. */
export const namedVariable = (name: string): string | undefined => process.env[name] || undefined;

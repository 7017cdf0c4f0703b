import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseSeedFile } from '../../src/operator/seed-file.js';
import { loadConfig } from '../../src/platform/config/index.js';
import { environment } from '../../src/platform/config/schema.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Service {
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string | number>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt: readonly string[];
  readonly user?: string;
  readonly ports?: readonly string[];
  readonly stop_grace_period?: string;
  readonly restart: string;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly configs: { readonly seed: { readonly content: string } };
}

const root = join(__dirname, '../..');
const text = readFileSync(join(root, 'compose.yaml'), 'utf8');
const { services, configs } = parse(text, { merge: true }) as Compose;
const service = (name: string): Service => {
  const found = services[name];
  if (found === undefined) throw new Error(`compose.yaml has no service ${name}.`);
  return found;
};
const OURS = ['migrate', 'gateway', 'worker'] as const;
const makeEnv = (file: string) =>
  spawnSync(process.execPath, [join(root, 'scripts/compose-env.mjs'), file], { encoding: 'utf8' });

/** `${NAME}`, `${NAME:-default}`, `${NAME:?why}`, as Compose fills them in. */
const filled = (value: string | number, env: Readonly<Record<string, string>>): string =>
  String(value).replace(
    /\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}/g,
    (_, name: string, usual = '') => env[name] ?? String(usual),
  );

describe('compose.yaml', () => {
  const folder = temporaryFolder();

  it('runs a gateway, a worker and their stores, after a migration', () => {
    expect(Object.keys(services).sort()).toEqual(['gateway', 'migrate', 'postgres', 'redis', 'worker']);
    expect(OURS.map((name) => service(name).command)).toEqual([
      ['migrate'],
      ['serve', '--role', 'gateway'],
      ['serve', '--role', 'worker'],
    ]);
    expect(service('migrate').restart).toBe('no');
  });

  it.each(OURS)('locks %s in', (name) => {
    expect(service(name)).toMatchObject({ read_only: true, cap_drop: ['ALL'], user: '1000:1000' });
  });

  it('lets no process gain what it was not given, and nobody in from outside of the machine', () => {
    for (const { security_opt: options } of Object.values(services))
      expect(options).toContain('no-new-privileges:true');
    const ports = Object.values(services).flatMap(({ ports: open = [] }) => open);
    expect(ports).toEqual(['127.0.0.1:${HTTP_PORT:-4000}:4000']);
  });

  it('holds no secret: each has to be given', () => {
    const all = OURS.flatMap((name) => Object.entries(service(name).environment));
    const secrets = [...all, ...Object.entries(service('postgres').environment)].filter(([name]) =>
      /PASSWORD|TOKEN|_KEYS$|_URL$/.test(name),
    );
    expect(secrets.length).toBeGreaterThan(6);
    expect(secrets.filter(([, value]) => !/\$\{\w+(:\?|:-\})/.test(String(value)))).toEqual([]);
    expect(readFileSync(join(root, '.gitignore'), 'utf8').split('\n')).toContain('.env');
  });

  it('comes with a script that makes those secrets once, for their owner alone', () => {
    const file = join(folder.path(), 'env');
    expect(makeEnv(file)).toMatchObject({ status: 0, stderr: '' });
    const made = readFileSync(file, 'utf8');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(makeEnv(file).stdout).toContain('stays as it is');
    expect(readFileSync(file, 'utf8')).toBe(made);
  });

  it.each(OURS)('tells %s only what is read, and what it can start with', (name) => {
    const file = join(folder.path(), name);
    makeEnv(file);
    const env = Object.fromEntries(
      [...readFileSync(file, 'utf8').matchAll(/^(\w+)=(.*)$/gm)].map(
        ([, key = '', value = '']) => [key, value] as const,
      ),
    );
    const told = Object.entries(service(name).environment).map(([key, value]) => [key, filled(value, env)]);
    expect(told.filter(([key = '']) => !(key in environment.shape))).toEqual([]);
    const config = loadConfig(Object.fromEntries(told) as NodeJS.ProcessEnv);
    expect(config.TERMINATION_GRACE_MS).toBe(Number(service(name).stop_grace_period?.replace(/s$/, '')) * 1_000);
    expect(config.DRAIN_MS + 12_000).toBeLessThanOrEqual(config.TERMINATION_GRACE_MS);
  });

  it('applies a declarative file that can be read', () => {
    expect(parseSeedFile(configs.seed.content).pools).toMatchObject([{ slug: 'default' }]);
  });
});

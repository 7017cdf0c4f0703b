import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** Instructions in order, continuation lines joined, comments dropped. */
const instructions: readonly Instruction[] = read('Dockerfile')
  .replace(/^#.*$/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => ({ word: line.split(/\s/, 1)[0] ?? '', rest: line.replace(/^\S+\s+/, '') }));

const all = (word: string): string[] => instructions.filter((one) => one.word === word).map(({ rest }) => rest);
const last = instructions.slice(instructions.map(({ word }) => word).lastIndexOf('FROM'));
const inImage = (word: string): string[] => last.filter((one) => one.word === word).map(({ rest }) => rest);

describe('the Dockerfile', () => {
  it('builds every stage on Node 24, by name and never by `latest`', () => {
    expect(all('FROM').length).toBeGreaterThan(1);
    for (const image of all('FROM')) expect(image).toMatch(/^node:24(\.\d+)*-slim( AS \w+)?$/);
  });

  it('uses only the instructions it needs, and never ADD', () => {
    const known = 'FROM WORKDIR COPY RUN LABEL ENV USER EXPOSE STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD'.split(' ');
    expect(instructions.filter(({ word }) => !known.includes(word))).toEqual([]);
  });

  it('installs from the lockfile and runs no install script', () => {
    const installs = all('RUN').filter((command) => command.includes('npm'));
    expect(installs).toHaveLength(2);
    for (const command of installs) expect(command).toMatch(/^npm ci (?=.*--ignore-scripts)/);
  });

  it('takes its modules from a stage without development and optional packages', () => {
    expect(inImage('COPY')).toContain('--from=dependencies /app/node_modules node_modules');
    expect(all('RUN')).toContainEqual(expect.stringMatching(/^npm ci --omit=dev --omit=optional /));
  });

  it('builds src and migrations, so that no test support is in the image', () => {
    expect(all('RUN')).toContain('node scripts/build.mjs src migrations');
    const copied = all('COPY').filter((rest) => !rest.startsWith('--from='));
    expect(copied.join(' ')).not.toMatch(/\b(test|bench|data|docs)\b|(^| )\. /);
  });

  it('runs as a user that is not root, after everything was copied', () => {
    expect(inImage('USER')).toEqual(['1000:1000']);
    const words = last.map(({ word }) => word);
    expect(words.lastIndexOf('COPY')).toBeLessThan(words.indexOf('USER'));
    expect(words.lastIndexOf('RUN')).toBeLessThan(words.indexOf('USER'));
  });

  it('starts the gateway unless told otherwise, without a shell in between', () => {
    expect(inImage('ENTRYPOINT')).toEqual(['["node", "dist/src/cli.js"]']);
    expect(inImage('CMD')).toEqual(['["serve", "--role", "gateway"]']);
    expect(inImage('STOPSIGNAL')).toEqual(['SIGTERM']);
  });

  it('listens beyond loopback and asks its own health', () => {
    expect(inImage('ENV').join(' ')).toMatch(/\bHOST=0\.0\.0\.0\b/);
    expect(inImage('HEALTHCHECK')).toEqual([expect.stringContaining('/healthz')]);
  });

  it('holds no secret', () => {
    expect([...all('ENV'), ...all('LABEL')].join(' ')).not.toMatch(/SECRET|PASSWORD|TOKEN|DATABASE_URL|REDIS_URL/i);
  });

  it('copies only what exists and what .dockerignore lets through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    const copied = all('COPY')
      .filter((rest) => !rest.startsWith('--from='))
      .flatMap((rest) => rest.split(/\s+/).slice(0, -1));
    expect(copied.length).toBeGreaterThan(5);
    for (const path of copied) {
      expect(allowed).toContain(`!${path}`);
      expect(existsSync(join(root, path))).toBe(true);
    }
  });
});

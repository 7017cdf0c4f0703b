import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { useGateway } from '../support/gateway.js';
import { fits, GUIDES, GuideShell, snippetsOf } from '../support/guides.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const FOLDER = resolve(__dirname, '../../docs/clients');
const COMPILE = 'import sys; compile(sys.stdin.read(), "snippet", "exec")';
const hasPython = spawnSync('python3', ['--version']).status === 0;

/** A test that cannot run here says so in the summary of `npm test`. */
const notRun = (what: string): void => {
  const notes = process.env['NOT_RUN_FILE'];
  if (notes !== undefined) appendFileSync(notes, `${what}\n`);
};

describe('the client guides', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const home = temporaryFolder();
  const runnable = GUIDES.flatMap(snippetsOf).filter(({ language }) => language === 'js' || language === 'sh');

  it.each(runnable)(
    '$guide says in line $line what really happens',
    async (snippet) => {
      const shell = new GuideShell(home.path(), gateway);
      const missing = shell.missing(snippet);
      if (missing.length > 0) {
        notRun(`a snippet of ${snippet.guide}: no ${missing.join(', ')} here`);
        return;
      }
      const { exitCode, stdout, stderr } = await shell.run(snippet);

      // Agents chat on standard error; what they say there matters only when it went wrong.
      expect({ exitCode, trouble: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, trouble: '' });
      expect({ stdout, fits: fits(snippet, stdout) }).toEqual({ stdout, fits: true });
    },
    90_000,
  );

  it('hold snippets for Node, the shell and Python', () => {
    const languages = new Set(GUIDES.flatMap(snippetsOf).map(({ language }) => language));

    expect([...languages]).toEqual(expect.arrayContaining(['js', 'sh', 'python']));
    expect(runnable.length).toBeGreaterThan(15);
  });

  it.each(GUIDES)('%s links only to files that exist', (guide) => {
    const text = readFileSync(join(FOLDER, guide), 'utf8');
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target ?? '');
    expect(targets.filter((target) => !existsSync(join(FOLDER, dirname(guide), target)))).toEqual([]);
  });

  it('has Python that compiles', () => {
    const snippets = GUIDES.flatMap(snippetsOf).filter(({ language }) => language === 'python');
    if (!hasPython) {
      notRun('the Python snippets of the client guides: no python3 here');
      return;
    }
    for (const { code } of snippets) execFileSync('python3', ['-c', COMPILE], { input: code });
    expect(snippets.length).toBeGreaterThan(2);
  });

  it('has JSON that parses', () => {
    const snippets = GUIDES.flatMap(snippetsOf).filter(({ language }) => language === 'json');
    for (const { code } of snippets) expect(() => JSON.parse(code) as unknown).not.toThrow();
    expect(snippets.length).toBeGreaterThan(0);
  });
});

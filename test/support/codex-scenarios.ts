import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { codexHome, runCodex, type CodexResult, type CodexRun, type CodexVersion } from './codex-cli.js';

const RED_PNG = resolve(__dirname, '../fixtures/red.png');
const ANSWER_SCHEMA = {
  type: 'object',
  properties: { answer: { type: 'string' } },
  required: ['answer'],
  additionalProperties: false,
};

export interface CodexClient {
  readonly version: CodexVersion;
  readonly model: string;
}

/** What people do with a Codex CLI. */
export interface CodexScenario {
  readonly name: string;
  /** One run of the CLI each, in the same home. */
  readonly runs: readonly Partial<CodexRun>[];
  /** What the CLI shows last. */
  readonly finalMessage: string | RegExp;
  readonly modelCalls: number;
  /** Clients that cannot do it. */
  readonly except?: (client: CodexClient) => boolean;
}

/** Both generations of the CLI with the classic form of request, and the newer one with the form of newer models. */
export const CODEX_CLIENTS: readonly CodexClient[] = [
  { version: 'latest', model: 'gpt-5.5' },
  { version: '0.128', model: 'gpt-5.5' },
  { version: 'latest', model: 'gpt-6.1-sol' },
];

const isLite = ({ model }: CodexClient): boolean => model !== 'gpt-5.5';

const SCENARIOS: readonly CodexScenario[] = [
  { name: 'a plain prompt', runs: [{ prompt: '[[say Good day.]]' }], finalMessage: 'Good day.', modelCalls: 1 },
  {
    name: 'a tool loop',
    runs: [{ prompt: 'Run it. [[tool {"cmd":"echo ping-42"}]]', bypassSandbox: true }],
    finalMessage: 'TOOL_OK ping-42',
    modelCalls: 2,
  },
  {
    name: 'a resumed session',
    runs: [{ prompt: 'First. [[turns]]' }, { prompt: 'Second. [[turns]]', resume: true }],
    finalMessage: 'TURNS_OK users=2 assistants=1',
    modelCalls: 2,
  },
  {
    name: 'an image',
    runs: [{ prompt: 'Look. [[image]]', images: [RED_PNG] }],
    finalMessage: 'IMAGES_OK 1',
    modelCalls: 1,
  },
  {
    name: 'an output schema',
    runs: [{ prompt: 'Answer. [[schema]]', outputSchema: ANSWER_SCHEMA }],
    finalMessage: '{"answer":"simulated"}',
    modelCalls: 1,
  },
  {
    name: 'a session that runs full and is compacted',
    runs: [{ prompt: 'Go. [[compact]]', bypassSandbox: true }],
    finalMessage: 'COMPACT_OK',
    modelCalls: 3,
  },
  {
    name: 'a review',
    runs: [{ command: ['exec', 'review', '--json', '--uncommitted'] }],
    finalMessage: /Hello from the scripted upstream/,
    modelCalls: 1,
  },
  {
    name: 'a sub-agent',
    runs: [{ prompt: 'Delegate. [[delegate]]', bypassSandbox: true }],
    finalMessage: 'DELEGATED',
    modelCalls: 4,
    except: (client) => !isLite(client),
  },
];

export const scenariosOf = (client: CodexClient): readonly CodexScenario[] =>
  SCENARIOS.filter(({ except }) => except?.(client) !== true);

/** Run a scenario in a home of its own, in a repository with a change to review. @returns the last run's result */
export async function play(
  { runs }: CodexScenario,
  client: CodexClient & Pick<CodexRun, 'baseUrl' | 'key' | 'websockets'>,
): Promise<CodexResult | undefined> {
  const home = codexHome();
  const cwd = join(home.path, 'work');
  try {
    mkdirSync(cwd);
    execFileSync('git', ['init', '--quiet', cwd]);
    writeFileSync(join(cwd, 'new.txt'), 'new\n');
    let last: CodexResult | undefined;
    for (const run of runs) {
      last = await runCodex({ ...client, home: home.path, cwd, ...run });
      if (last.exitCode !== 0) break;
    }
    return last;
  } finally {
    home.remove();
  }
}

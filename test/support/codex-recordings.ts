import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const FOLDER = resolve(__dirname, '../fixtures/codex-cli');

type Headers = readonly (readonly [name: string, value: string])[];

interface Posted {
  readonly kind: 'post';
  readonly path: string;
  readonly headers: Headers;
  /** As one JSON line. */
  readonly body: string;
}

interface Upgraded {
  readonly kind: 'upgrade';
  readonly connection: number;
  readonly path: string;
  readonly headers: Headers;
}

interface Framed {
  readonly kind: 'frame';
  readonly connection: number;
  readonly frame: Readonly<Record<string, unknown>>;
}

/** What a real Codex CLI did; texts and ids are scrubbed, the rest is as recorded. */
export type RecordedStep = Posted | Upgraded | Framed;

export interface Recording {
  /** E.g. `0.169.0-http-gpt-5.5-tool`. */
  readonly name: string;
  readonly steps: readonly RecordedStep[];
}

interface Entry {
  readonly method?: string;
  readonly event?: 'upgrade' | 'message' | 'close';
  readonly connection?: number;
  readonly path?: string;
  readonly headers?: [string, string][];
  readonly body?: Record<string, unknown>;
}

/** Every recorded run of the CLI, by name: its calls to a model provider, in their order. */
export function codexRecordings(): readonly Recording[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => {
    const { requests } = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as { requests: readonly Entry[] };
    return { name: basename(name, '.json'), steps: requests.flatMap(stepOf) };
  });
}

function stepOf({ method, event, connection = 0, path = '', headers = [], body = {} }: Entry): RecordedStep[] {
  if (event === 'upgrade') return [{ kind: 'upgrade', connection, path, headers }];
  if (event === 'message') return [{ kind: 'frame', connection, frame: body }];
  return method === 'POST' ? [{ kind: 'post', path, headers, body: JSON.stringify(body) }] : [];
}

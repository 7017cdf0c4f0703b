import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const FOLDER = resolve(__dirname, '../fixtures/codex-cli');

/** One request that a real Codex CLI sent; texts and ids are scrubbed, the rest is as recorded. */
export interface RecordedCall {
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body as the bytes of one JSON line. */
  readonly body: Buffer;
}

export interface Recording {
  /** E.g. `0.169.0-http-gpt-5.5-tool`. */
  readonly name: string;
  readonly calls: readonly RecordedCall[];
}

interface RecordingFile {
  readonly requests: readonly { readonly headers: [string, string][]; readonly body: object }[];
}

/** Every recorded run of the CLI over HTTP, by name. */
export function codexRecordings(): readonly Recording[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => {
    const { requests } = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as RecordingFile;
    return {
      name: basename(name, '.json'),
      calls: requests.map(({ headers, body }) => ({ headers, body: Buffer.from(JSON.stringify(body)) })),
    };
  });
}

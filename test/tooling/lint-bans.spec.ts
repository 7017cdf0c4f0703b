import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

interface Message {
  readonly ruleId: string | null;
  readonly line: number;
  readonly message: string;
}

const root = join(__dirname, '../..');

/** Each text is linted in the place of a real file, so that the typed rules know it. */
function lint(texts: readonly { filePath: string; text: string }[]): Message[][] {
  const run = spawnSync(process.execPath, [join(__dirname, 'lint-texts.mjs')], {
    cwd: root,
    input: JSON.stringify(texts.map(({ filePath, text }) => ({ filePath: join(root, filePath), text }))),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Message[][];
}

const PURE = 'src/core/usage.ts';
const SHELL = 'src/routing/router.service.ts';
const CONFIG = 'src/platform/config/load.ts';
const SPEC = 'test/tooling/lint-bans.spec.ts';

/** One sin a row: where it is committed, the line that commits it, and the words of the answer. */
const SINS: readonly (readonly [title: string, filePath: string, code: string, answer: RegExp])[] = [
  ['forwardRef', SHELL, 'forwardRef(() => String);', /one floor down/],
  ['request scope', SHELL, 'export const scope = Scope.REQUEST;', /pass the request as an argument/],
  ['hijack', SHELL, 'reply.hijack();', /eventStream/],
  ['reply.raw.write', SHELL, 'reply.raw.write("x");', /eventStream/],
  ['reply.raw.writeHead', SHELL, 'reply.raw.writeHead(200);', /eventStream/],
  ['reply.raw.end', SHELL, 'reply.raw.end();', /eventStream/],
  ['a destructured raw', SHELL, 'raw.write("x");', /eventStream/],
  ['@Sse', SHELL, 'export class A { @Sse("x") b(): number { return 1; } }', /renumbers events/],
  ['a bare @Res', SHELL, 'export class A { b(@Res() r: object): object { return r; } }', /passthrough/],
  [
    '@Res with passthrough off',
    SHELL,
    'export class A { b(@Res({ passthrough: false }) r: object): object { return r; } }',
    /passthrough/,
  ],
  ['@UseInterceptors', SHELL, '@UseInterceptors(X) export class A {}', /live in the stream/],
  ['@Global', SHELL, '@Global() export class A {}', /modules say what they import/],
  ['a dynamic import', SHELL, 'export const fs = import("node:fs");', /static import/],
  ['a star door', SHELL, 'export * from "./schema.js";', /lists the names/],
  ['process.env outside the configuration', SHELL, 'export const a = process.env;', /only platform\/config/],
  ['process.env by destructuring', SHELL, 'export const { env } = process;', /only platform\/config/],
  ['a clock in a pure file', PURE, 'export const a = Date.now();', /takes its clock/],
  ['a date in a pure file', PURE, 'export const a = new Date();', /takes its clock/],
  ['chance in a pure file', PURE, 'export const a = Math.random();', /takes its clock/],
  ['ids made in a pure file', PURE, 'export const a = crypto.randomUUID();', /takes its clock/],
  ['jest.mock', SPEC, 'jest.mock("node:fs");', /fake to the constructor/],
  ['a lone test', SPEC, 'it.only("x", () => undefined);', /every test runs/],
  ['a skipped test', SPEC, 'describe.skip("x", () => undefined);', /every test runs/],
  ['a crossed-out test', SPEC, 'xit("x", () => undefined);', /every test runs/],
  ['class-validator', SHELL, 'import "class-validator";', /zod/],
  ['class-transformer', SHELL, 'import "class-transformer";', /zod/],
  ['rxjs', SHELL, 'import { of } from "rxjs"; of(1);', /async iterables/],
  ['console', SHELL, 'console.log("x");', /console/],
  ['any', SHELL, 'export const a: any = 1;', /Unexpected any/],
  ['a non-null assertion', SHELL, 'export const a = (b?: string): string => b!;', /non-null assertion/],
  ['a floating promise', SHELL, 'Promise.resolve(1);', /Promises must be awaited/],
  [
    'a switch that forgets a member',
    SHELL,
    'export const f = (a: "b" | "c"): number => { switch (a) { case "b": return 1; } return 2; };',
    /not exhaustive/,
  ],
  [
    'a value import of types',
    PURE,
    'import { GatewayError } from "./error.js"; export type A = GatewayError;',
    /only used as types/,
  ],
  ['an unfinished note', PURE, '// TODO later', /todo/i],
  ['a disable comment', PURE, '/* eslint-disable */ export const a = 1;', /eslint-disable/],
  ['a next-line disable comment', PURE, '// eslint-disable-next-line\nexport const a = 1;', /eslint-disable/],
  ['a type-check opt-out', PURE, '// @ts-ignore\nexport const a = 1;', /ts-expect-error|ts-ignore/],
  ['a loose comparison', PURE, 'export const f = (a: number): boolean => a == 1;', /===/],
  ['a file of 251 lines', PURE, '//\n'.repeat(250) + 'export const a = 1;', /too many lines/],
  ['a function of 51 lines', PURE, `export function f(): void {\n${'  //\n'.repeat(49)}}\n`, /too many lines/],
  [
    'thirteen ways through a function',
    PURE,
    `export function f(a: number): number { ${Array.from({ length: 12 }, (_, n) => `if (a === ${n}) return ${n};`).join(' ')} return a; }`,
    /complexity/,
  ],
];

const ALLOWED: readonly (readonly [title: string, filePath: string, code: string])[] = [
  ['the environment in platform/config', CONFIG, 'export const a = process.env;'],
  ['the environment in a test', SPEC, 'export const a = process.env;'],
  ['a clock in a shell file', SHELL, 'export const a = Date.now();'],
  ['@Res with passthrough', SHELL, 'export class A { b(@Res({ passthrough: true }) r: object): object { return r; } }'],
  ['a file of 250 lines', PURE, '//\n'.repeat(249) + 'export const a = 1;'],
];

interface Row {
  readonly title: string;
  readonly filePath: string;
  readonly code: string;
}

const lineCount = (code: string): number => code.split('\n').length;

/** Rows of one file become one text, one below the other: a text costs a type check. A long row stays alone. */
function grouped(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = lineCount(row.code) > 10 ? row.title : row.filePath;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return [...groups.values()];
}

/** What was said about each row, by title: the messages on its own lines. */
function answersTo(rows: readonly Row[]): Map<string, Message[]> {
  const groups = grouped(rows);
  const texts = groups.map((group) => ({
    filePath: group[0]?.filePath ?? '',
    text: group.map(({ code }) => code).join('\n'),
  }));
  const answers = new Map<string, Message[]>();
  lint(texts).forEach((messages, index) => {
    let first = 1;
    for (const { title, code } of groups[index] ?? []) {
      const next = first + lineCount(code);
      const own = messages.filter(({ line }) => line >= first && line < next);
      answers.set(title, own);
      first = next;
    }
  });
  return answers;
}

describe('lint bans', () => {
  let answers: ReadonlyMap<string, readonly Message[]>;

  beforeAll(() => {
    answers = answersTo([...SINS, ...ALLOWED].map(([title, filePath, code]) => ({ title, filePath, code })));
  }, 120_000);

  it.each(SINS)('answers %s', (title, _filePath, _code, answer) => {
    expect(answers.get(title)?.map(({ message }) => message)).toContainEqual(expect.stringMatching(answer));
  });

  it.each(ALLOWED)('lets %s pass', (title) => {
    const banned = /^(no-restricted|max-lines|no-console)/;
    expect(answers.get(title)?.filter(({ ruleId }) => ruleId === null || banned.test(ruleId))).toEqual([]);
  });
});

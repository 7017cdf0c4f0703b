import { randomUUID } from 'node:crypto';
import { OperatorTokenAdmin, type MadeToken } from '../../src/auth/index.js';
import type { TokenRights } from '../../src/auth/operator-token-rights.js';
import type { TestGateway } from './gateway.js';

/** A new operator token, of a gateway that runs. */
export const operatorToken = (gateway: TestGateway, rights: TokenRights = {}): Promise<Required<MadeToken>> =>
  gateway.get(OperatorTokenAdmin).create({ kind: 'operator', label: randomUUID(), createdBy: 'test', ...rights });

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

interface Asked {
  readonly method?: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request of the operators' API; `{}` where there is no body. */
export async function askApi(url: string, path: string, asked: Asked = {}): Promise<ApiAnswer> {
  const { method = 'GET', token, body, headers = {} } = asked;
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('content-type') ?? '') && text !== '';
  return {
    status: answer.status,
    headers: answer.headers,
    body: isJson ? (JSON.parse(text) as ApiAnswer['body']) : {},
  };
}

const problem = (status: number, code: string): object => ({
  status,
  body: {
    type: `urn:codex-pooler:problem:${code}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
    instance: expect.stringMatching(/^urn:request:/),
    code,
  },
});

/** That it was refused, and how, in the form that all refusals of the API have. */
export function expectProblem(answer: ApiAnswer, status: number, code: string): void {
  expect(answer).toMatchObject(problem(status, code));
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('x-request-id')).toMatch(/./);
}

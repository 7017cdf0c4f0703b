import type { z } from 'zod';
import { CONTROL_ERRORS, ControlError, DRY_RUN, type ControlErrorCode, type Wishes } from '../../control/index.js';
import { describedOperations, type Described } from './described-operations.js';
import type { OperationsClient } from './operations-client.js';
import type { RemoteGateway } from './remote-gateway.js';
import { Unreachable } from './unreachable.js';

const ROOT = '/api/v1';
const DESCRIPTION_MS = 10_000;
/** Some ask an upstream, or go through a whole ledger. */
const ANSWER_MS = 120_000;

const NOT_TAKEN = 'The gateway does not take this token: it is wrong, over, disabled or revoked.';

type Json = Readonly<Record<string, unknown>>;

/** By address: a command asks for several operations, and the gateway is the same. */
const descriptions = new Map<string, Promise<ReadonlyMap<string, Described>>>();

/** Asks a gateway for operations, over HTTP. Which operations it has, and where, it says itself. */
export class RemoteOperations implements OperationsClient {
  constructor(
    private readonly gateway: RemoteGateway,
    private readonly answerMs = ANSWER_MS,
  ) {}

  async ask<Out extends z.ZodType>(name: string, input: object, output: Out, wishes?: Wishes): Promise<z.output<Out>> {
    const { success, data } = output.safeParse(await this.answer(name, input, wishes));
    if (!success)
      throw new Unreachable('The gateway answers in a form that this command does not know: use that of its version.');
    return data;
  }

  async tryDry(name: string, input: object): Promise<z.output<typeof DRY_RUN>> {
    return DRY_RUN.parse(await this.answer(name, input, { dryRun: true }));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async answer(name: string, input: object, wishes: Wishes = {}): Promise<unknown> {
    const described = (await this.operations()).get(name);
    if (described === undefined)
      throw new Unreachable(`The gateway does not know ${name}: it is older than this command.`);
    const { target, body } = requestOf(described, input, wishes);
    const { ok, status, told } = await this.fetched(`${ROOT}${target}`, this.answerMs, {
      method: described.method,
      headers: { authorization: `Bearer ${this.gateway.token}`, ...headersOf(wishes, body) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (ok) return told;
    throw refusalIn(told, status);
  }

  private operations(): Promise<ReadonlyMap<string, Described>> {
    const { url } = this.gateway;
    const known = descriptions.get(url) ?? this.described();
    descriptions.set(url, known);
    known.catch(() => descriptions.delete(url));
    return known;
  }

  private async described(): Promise<ReadonlyMap<string, Described>> {
    const { ok, status, told } = await this.fetched(`${ROOT}/openapi.json`, DESCRIPTION_MS);
    if (status === 403) throw refusalIn(told, status);
    return describedOperations(ok ? told : undefined);
  }

  /** Goes nowhere else: whoever redirects would get the token. */
  private async fetched(target: string, withinMs: number, init: RequestInit = {}): Promise<Answered> {
    try {
      const signal = AbortSignal.timeout(withinMs);
      const answer = await fetch(`${this.gateway.url}${target}`, { ...init, signal, redirect: 'manual' });
      return { ok: answer.ok, status: answer.status, told: jsonIn(await answer.text()) };
    } catch (error) {
      throw new Unreachable(`The gateway at POOLER_URL does not answer (${causeOf(error)}).`);
    }
  }
}

interface Answered {
  readonly ok: boolean;
  readonly status: number;
  /** `undefined` for what is no JSON. */
  readonly told: unknown;
}

function requestOf({ method, path, inPath }: Described, input: object, { dryRun }: Wishes) {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  const rest = given.filter(([name]) => !inPath.has(name));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => inPathOf(textOf((input as Json)[name])));
  const asks = method === 'GET' || method === 'DELETE';
  const inQuery = asks ? rest.flatMap(([name, value]) => many(value).map((each) => [name, textOf(each)])) : [];
  const query = new URLSearchParams([...inQuery, ...(dryRun === true ? [['dryRun', 'true']] : [])] as [
    string,
    string,
  ][]);
  const body = asks ? undefined : Object.fromEntries(rest);
  return { target: query.size === 0 ? filled : `${filled}?${query.toString()}`, body };
}

/** @throws ControlError for a name that a path cannot hold: it would lead to another one, or is refused on the way */
function inPathOf(name: string): string {
  if (['', '.', '..'].includes(name)) throw new ControlError('not_found', `Nothing is called "${name}".`);
  if (!/[/\\\0]/.test(name)) return encodeURIComponent(name);
  throw new ControlError(
    'not_found',
    `From afar nothing is found by the name "${name}", which has a slash: use its id.`,
  );
}

const many = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const headersOf = ({ ifMatch, idempotencyKey }: Wishes, body: object | undefined): Record<string, string> => ({
  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
  ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
});

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a problem of the gateway says; what is none was said by somebody on the way. */
function refusalIn(told: unknown, status: number): Error {
  const { code, detail, errors, reason } = (typeof told === 'object' && told !== null ? told : {}) as Json;
  if (typeof code !== 'string' || typeof detail !== 'string') {
    return new Unreachable(`What answers at POOLER_URL is no Codex Pooler: it answered ${status}.`);
  }
  if (code === 'unauthorized') return new ControlError(code, NOT_TAKEN);
  const problems = Array.isArray(errors) ? (errors as { path: string; message: string }[]) : [];
  return new ControlError(codeOf(code, status), detail, problems, typeof reason === 'string' ? reason : undefined);
}

function codeOf(code: string, status: number): ControlErrorCode {
  if (Object.hasOwn(CONTROL_ERRORS, code)) return code as ControlErrorCode;
  const same = Object.entries(CONTROL_ERRORS).find(([, [each]]) => each === status)?.[0];
  return (same ?? 'internal') as ControlErrorCode;
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause, name } = error as Error & { readonly cause?: { readonly code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : name;
}

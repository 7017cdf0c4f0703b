import type { z } from 'zod';
import type { Actor } from './actor.js';
import type { Scope } from './scope.js';

/** One asking of an operation. */
export interface OperationCall {
  readonly actor: Actor;
  readonly requestId: string;
  /** Of the client; absent for commands on this machine. */
  readonly address?: string;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
}

/** What an operation has to do with: shown in the audit. */
export interface Target {
  readonly type: string;
  readonly id: string;
  readonly label?: string;
  readonly poolId?: string;
}

type Input = z.ZodObject;
type Given<In extends Input> = z.output<In>;

/** What an operation that changes something owes. */
export interface Change<In extends Input, Out extends z.ZodType> {
  /** As the audit names it, such as `key.create`. */
  readonly action: string;
  readonly target: (input: Given<In>, output: z.output<Out> | undefined) => Target;
  /**
   * The thing as it is before: what `If-Match` is compared with, what the audit keeps, and what a dry run answers.
   *
   * @throws ControlError `not_found`
   */
  readonly before?: (input: Given<In>, call: OperationCall) => Promise<unknown>;
  /** Repeating it under the same `Idempotency-Key` answers the same, and does nothing more. */
  readonly creates?: true;
  /** It can be tried dry first. */
  readonly destructive?: true;
  /** Fields of the input, and of the output, that the audit keeps as fingerprints only. */
  readonly secrets?: readonly string[];
}

/**
 * One thing that operators can do or see. The HTTP API, its description, the command line and MCP are all made from this.
 *
 * The input is flat: fields that the path names come from there, others from the query of a GET or DELETE, else from the
 * JSON body. Only what the output schema names ever leaves.
 */
export interface Operation<In extends Input = Input, Out extends z.ZodType = z.ZodType> {
  /** `<things>.<verb>`, unique. */
  readonly name: string;
  /** One sentence, without a full stop. */
  readonly summary: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, with `{field}` for fields of the input. */
  readonly path: string;
  readonly scope: Scope;
  readonly input: In;
  readonly output: Out;
  /** Of the answer; absent: 200. */
  readonly status?: 201 | 202;
  /** Absent: it changes nothing. */
  readonly change?: Change<In, Out>;
  readonly run: (input: Given<In>, call: OperationCall) => Promise<z.input<Out>>;
}

/** Ties the types of an operation's parts together. */
export const operation = <In extends Input, Out extends z.ZodType>(parts: Operation<In, Out>): Operation => parts as unknown as Operation;

/** Several operations on one kind of thing, made by whoever has the services for them. */
export abstract class OperationSet {
  abstract readonly operations: readonly Operation[];
}

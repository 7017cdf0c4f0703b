import type { z } from 'zod';
import type { OperatorScope } from '../core/index.js';
import type { Actor } from './actor.js';

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
  readonly id?: string;
  readonly label?: string;
  /** A UUID. */
  readonly poolId?: string;
}

type Input = z.ZodObject;
type Given<In extends Input> = z.output<In>;

/** The thing that an operation changes, as it is shown to who reads it. */
export interface Thing<In extends Input> {
  /** The same schema object as the output of the operation that reads the thing, so that both have one version. */
  readonly view: z.ZodType;
  /** @throws ControlError `not_found`, also when the actor may not see it */
  readonly read: (input: Given<In>, call: OperationCall) => Promise<unknown>;
}

/** What an operation that changes something owes. */
export interface Change<In extends Input, Out extends z.ZodType> {
  /** As the audit names it: `<thing>.<verb>`, such as `key.create`. */
  readonly action: string;
  /**
   * @param output absent before it was done
   * @param before the thing, where there is one
   */
  readonly target: (input: Given<In>, output: z.output<Out> | undefined, before: unknown) => Target;
  /** What is there before: `If-Match` is compared with it, the audit keeps it, and a dry run answers it. */
  readonly thing?: Thing<In>;
  /** Repeating it under the same `Idempotency-Key` answers the same, and does nothing more. */
  readonly creates?: true;
  /** It can be tried dry first. It needs a `thing`. */
  readonly destructive?: true;
  /** Of a destructive one: what else it comes to, a sentence each, for who tries it dry. */
  readonly effects?: (input: Given<In>, call: OperationCall) => Promise<readonly string[]>;
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
  readonly scope: OperatorScope;
  readonly input: In;
  readonly output: Out;
  /** Of the answer; absent: 200. */
  readonly status?: 200 | 201 | 202;
  /** Absent: it changes nothing. */
  readonly change?: Change<In, Out>;
  readonly run: (input: Given<In>, call: OperationCall) => Promise<z.input<Out>>;
}

/** Ties the types of an operation's parts together. */
export const operation = <In extends Input, Out extends z.ZodType>(parts: Operation<In, Out>): Operation => parts;

/** Several operations on one kind of thing, made by whoever has the services for them. */
export abstract class OperationSet {
  abstract readonly operations: readonly Operation[];
}

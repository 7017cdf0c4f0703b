import type { z } from 'zod';
import type { OperatorPrincipal } from '../auth/index.js';
import type { Wishes } from '../control/index.js';

/** Who calls a tool, and with what. */
export interface ToolCall {
  readonly asker: OperatorPrincipal;
  /** Of the protocol, as the client speaks it. */
  readonly version: string;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
  /** Run an operation as the asker. @throws ControlError */
  ask(operation: string, input?: object, wishes?: Wishes): Promise<unknown>;
}

/** What a tool says: a short sentence for people, and the answer itself. */
export interface Told<Content> {
  readonly text: string;
  readonly content: Content;
}

/** How much a tool may do. */
export type ToolEffect = 'reads' | 'writes';

/**
 * One tool. What its output schema does not name cannot leave: the schema is strict, and everything goes through it.
 */
export interface Tool<In extends z.ZodObject = z.ZodObject, Out extends z.ZodObject = z.ZodObject> {
  /** Without the product's prefix. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly effect: ToolEffect;
  /** Only for those who see all Pools. */
  readonly ownersOnly?: true;
  readonly input: In;
  readonly output: Out;
  readonly run: (input: z.output<In>, call: ToolCall) => Promise<Told<z.input<Out>>>;
}

/** Ties the types of a tool's parts together. */
export const tool = <In extends z.ZodObject, Out extends z.ZodObject>(parts: Tool<In, Out>): Tool => parts;

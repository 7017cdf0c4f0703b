import { Injectable } from '@nestjs/common';
import { auditDetails, AuditService } from '../audit/index.js';
import { allows } from './actor.js';
import { ChangeLocks } from './change-locks.service.js';
import { ControlError } from './control-error.js';
import { DRY_RUN, type Done, type Wishes } from './done.js';
import { parsedInput } from './input.js';
import type { Operation, OperationCall, Target } from './operation.js';
import { OperationRegistry } from './operation-registry.service.js';
import { ReplayedAnswers } from './replayed-answers.service.js';
import { isMatched, versionOf, VOLATILE } from './version.js';

/** One asking of an operation that changes something. */
interface Asked {
  readonly operation: Operation;
  readonly change: NonNullable<Operation['change']>;
  readonly input: Record<string, unknown>;
  readonly call: OperationCall;
}

/** Runs operations for whoever may: every door of the operators leads through here. */
@Injectable()
export class ControlService {
  constructor(
    private readonly registry: OperationRegistry,
    private readonly audit: AuditService,
    private readonly answers: ReplayedAnswers,
    private readonly locks: ChangeLocks,
  ) {}

  /** @throws ControlError why not; then nothing was changed, or the audit says what was */
  async run(name: string, given: unknown, call: OperationCall, wishes: Wishes = {}): Promise<Done> {
    const operation = this.registry.find(name);
    if (operation === undefined) throw new ControlError('not_found', 'There is no such operation.');
    if (!allows(call.actor.scopes, operation.scope)) throw await this.denied(operation, call);
    const input = parsedInput(operation.input, given);
    checkWishes(operation, wishes);
    const { change } = operation;
    if (change === undefined) return answered(operation, await operation.run(input, call));
    const asked = { operation, change, input, call };
    const work = (): Promise<Done> => this.changed(asked, wishes);
    // What is only tried is no answer to what is meant.
    if (wishes.idempotencyKey === undefined || wishes.dryRun === true) return work();
    return this.answers.once({ key: wishes.idempotencyKey, name, input, actorId: call.actor.id }, work);
  }

  private async changed(asked: Asked, { ifMatch, dryRun }: Wishes): Promise<Done> {
    const { input, call, change } = asked;
    const { thing } = change;
    if (thing === undefined) return this.audited(asked);
    const read = async (): Promise<unknown> => thing.view.parse(await thing.read(input, call));
    const meant = async (): Promise<unknown> => {
      const now = await read();
      if (ifMatch === undefined || isMatched(ifMatch, versionOf(thing.view, now))) return now;
      throw new ControlError('precondition_failed', 'It is no longer of the version that If-Match names.');
    };
    if (dryRun === true) {
      const before = await meant();
      const effects = (await change.effects?.(input, call)) ?? [];
      return { status: 200, output: DRY_RUN.parse({ dryRun: true, action: change.action, before, effects }) };
    }
    const first = await this.told(asked, read);
    return this.locks.alone(nameOf(change.target(input, undefined, first), first), async () => {
      const before = await this.told(asked, meant);
      return this.audited(asked, before);
    });
  }

  /** What is refused before it could begin was tried all the same. */
  private async told(asked: Asked, look: () => Promise<unknown>): Promise<unknown> {
    const { change, input, call } = asked;
    try {
      return await look();
    } catch (thrown) {
      const code = codeOf(thrown);
      await this.audit.record({
        ...whoAndWhat(call, change.action, change.target(input, undefined, undefined)),
        outcome: 'failure',
        details: auditDetails({ asked: input, code }, new Set(change.secrets)),
      });
      throw thrown;
    }
  }

  private async audited({ operation, change, input, call }: Asked, before?: unknown): Promise<Done> {
    const secrets = new Set(change.secrets);
    const entry = await this.audit.begin({
      ...whoAndWhat(call, change.action, change.target(input, undefined, before)),
      details: auditDetails({ asked: input, ...(before === undefined ? {} : { before }) }, secrets),
    });
    // Asynchronously, so that what it throws at once is in the audit as well.
    const done = await Promise.resolve()
      .then(() => operation.run(input, call))
      .then(
        (output) => answered(operation, output),
        async (thrown: unknown) => {
          await entry.failed(codeOf(thrown));
          throw thrown;
        },
      );
    const after = auditDetails({ after: done.output, ...(before === undefined ? {} : { before }) }, secrets);
    await entry.succeeded(change.target(input, done.output, before), after);
    return done;
  }

  private async denied({ name, scope, change }: Operation, call: OperationCall): Promise<ControlError> {
    if (change !== undefined) {
      await this.audit.record({
        ...whoAndWhat(call, change.action, { type: 'operation', id: name }),
        outcome: 'denied',
      });
    }
    return new ControlError('forbidden', `This needs the scope ${scope}.`);
  }
}

/** @throws ControlError `invalid_input` for what the operation does not know: a wish that is not heard would mislead */
function checkWishes({ change }: Operation, { ifMatch, dryRun, idempotencyKey }: Wishes): void {
  const unheard = [
    ['If-Match', ifMatch !== undefined && change?.thing === undefined],
    ['dryRun', dryRun === true && (change?.destructive !== true || change.thing === undefined)],
    ['Idempotency-Key', idempotencyKey !== undefined && change?.creates !== true],
  ] as const;
  const problems = unheard.flatMap(([path, isUnheard]) =>
    isUnheard ? [{ path, message: 'This operation does not know it.' }] : [],
  );
  if (problems.length > 0) throw new ControlError('invalid_input', 'The request asks for what is not there.', problems);
}

function answered({ output, status = 200, method, change }: Operation, given: unknown): Done {
  const told = output.parse(given);
  const isThing = method === 'GET' || change?.thing?.view === output;
  return { status, output: told, ...(isThing ? versioned(output, told) : {}) };
}

const versioned = (view: Operation['output'], told: unknown): Pick<Done, 'version' | 'isVolatile'> => ({
  version: versionOf(view, told),
  ...(VOLATILE.has(view) ? { isVolatile: true } : {}),
});

const codeOf = (thrown: unknown): string => (thrown instanceof ControlError ? thrown.code : 'internal');

/** One thing has one name, whichever of its names was asked for. */
const nameOf = ({ type, id }: Target, thing: unknown): string =>
  `${type}:${typeof thing === 'object' && thing !== null && 'id' in thing ? String(thing.id) : (id ?? '')}`;

const whoAndWhat = ({ actor, requestId, address }: OperationCall, action: string, target: Target) => ({
  actor: { kind: actor.kind, id: actor.id, label: actor.label },
  action,
  target,
  requestId,
  ...(address === undefined ? {} : { address }),
});

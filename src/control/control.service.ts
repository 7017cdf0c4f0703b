import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/index.js';
import { ControlError } from './control-error.js';
import { fingerprinted } from './fingerprinted.js';
import { parsedInput } from './input.js';
import type { Change, Operation, OperationCall } from './operation.js';
import { OperationRegistry } from './operation-registry.service.js';
import { ReplayedAnswers } from './replayed-answers.service.js';
import { allows } from './scope.js';
import { isMatched, versionOf } from './version.js';

/** What the asker wishes beyond the operation's own input. */
export interface Wishes {
  /** The version of the thing that is to be changed: `If-Match`. */
  readonly ifMatch?: string;
  /** Say what would change, and change nothing. */
  readonly dryRun?: boolean;
  /** Of a creation: asked again under the same key, it answers the same. */
  readonly idempotencyKey?: string;
}

/** What came of an operation. */
export interface Done {
  readonly status: number;
  readonly output: unknown;
  /** Of the thing that was read: its `ETag`. */
  readonly version?: string;
}

/** Runs operations for whoever may: every door of the operators leads through here. */
@Injectable()
export class ControlService {
  constructor(
    private readonly registry: OperationRegistry,
    private readonly audit: AuditService,
    private readonly answers: ReplayedAnswers,
  ) {}

  /** @throws ControlError why not; then nothing was changed, or the audit says what was */
  async run(name: string, given: unknown, call: OperationCall, wishes: Wishes = {}): Promise<Done> {
    const found = this.registry.find(name);
    if (found === undefined) throw new ControlError('not_found', 'There is no such operation.');
    if (!allows(call.actor.scopes, found.scope)) throw await this.denied(found, call);
    const input = parsedInput(found.input, given);
    const { change } = found;
    if (change === undefined) return this.answered(found, await found.run(input, call));
    if (wishes.dryRun === true && change.destructive !== true) {
      throw new ControlError('invalid_input', 'This operation has no dry run.', [{ path: 'dryRun', message: 'not here' }]);
    }
    const change_ = (): Promise<Done> => this.changed(found, change, input, call, wishes);
    if (change.creates !== true || wishes.idempotencyKey === undefined) return change_();
    return this.answers.once({ key: wishes.idempotencyKey, name, input, call }, change_);
  }

  private async changed(
    found: Operation,
    change: Change<Operation['input'], Operation['output']>,
    input: Record<string, unknown>,
    call: OperationCall,
    { ifMatch, dryRun }: Wishes,
  ): Promise<Done> {
    const before = await change.before?.(input, call);
    if (ifMatch !== undefined && (before === undefined || !isMatched(ifMatch, versionOf(before)))) {
      throw new ControlError('precondition_failed', 'The thing is not, or no longer, of the version that If-Match names.');
    }
    if (dryRun === true) return { status: 200, output: { dryRun: true, action: change.action, before: before ?? null } };
    const secrets = new Set(change.secrets ?? []);
    const details = { ...(before === undefined ? {} : { before }), asked: input };
    const entry = await this.audit.begin({
      ...whoAndWhat(call, change.action, change.target(input, undefined)),
      details: fingerprinted(details, secrets),
    });
    try {
      const output = this.answered(found, await found.run(input, call));
      const after = fingerprinted({ after: output.output }, secrets);
      await entry.succeeded(change.target(input, output.output), after);
      return output;
    } catch (thrown) {
      await entry.failed(thrown instanceof ControlError ? thrown.code : 'internal');
      throw thrown;
    }
  }

  private async denied(found: Operation, call: OperationCall): Promise<ControlError> {
    if (found.change !== undefined) {
      await this.audit.record({
        ...whoAndWhat(call, found.change.action, { type: 'operation', id: found.name }),
        outcome: 'denied',
      });
    }
    return new ControlError('forbidden', `This needs the scope ${found.scope}.`);
  }

  private answered({ output, status, method }: Operation, given: unknown): Done {
    const told = output.parse(given);
    return { status: status ?? 200, output: told, ...(method === 'GET' ? { version: versionOf(told) } : {}) };
  }
}

const whoAndWhat = (
  { actor, requestId, address }: OperationCall,
  action: string,
  target: { readonly type: string; readonly id: string; readonly label?: string; readonly poolId?: string },
) => ({
  actor: { kind: actor.kind, id: actor.id, label: actor.label },
  action,
  target,
  requestId,
  ...(address === undefined ? {} : { address }),
});

import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { AuditRepository } from '../../src/audit/audit.repository.js';
import { AuditService } from '../../src/audit/index.js';
import { ChangeLocks } from '../../src/control/change-locks.service.js';
import { ControlService } from '../../src/control/control.service.js';
import { ControlError, type Actor, type Done, type Wishes } from '../../src/control/index.js';
import { OperationRegistry } from '../../src/control/operation-registry.service.js';
import type { OperationSet } from '../../src/control/operation.js';
import { ReplayedAnswers } from '../../src/control/replayed-answers.service.js';
import type { OperatorScope, PoolId } from '../../src/core/index.js';
import { parseKeyRing, SecretBox } from '../../src/platform/crypto/index.js';

interface Asked extends Wishes {
  /** Absent: somebody who may do all. */
  readonly as?: Actor;
  /** From where; `null`: from the machine itself. */
  readonly address?: string | null;
  readonly nowMs?: number;
}

/** The audit of a database. */
export const auditAt = (database: DataSource): AuditService =>
  new AuditService(database, new AuditRepository(database));

/** The holder of some token. @param poolIds absent: it is bound to none */
export const holder = (scopes: readonly OperatorScope[], poolIds?: readonly PoolId[]): Actor => ({
  kind: 'token',
  id: randomUUID(),
  label: 'somebody',
  scopes: new Set(scopes),
  ...(poolIds && { poolIds: new Set(poolIds) }),
});

const OWNER = holder(['admin']);

/** Operations as doors ask for them, on a real database. */
export class AskedOperations {
  private readonly control: ControlService;

  constructor(
    private readonly database: DataSource,
    sets: readonly OperationSet[],
  ) {
    this.control = new ControlService(
      new OperationRegistry(sets),
      auditAt(database),
      new ReplayedAnswers(database, new SecretBox(parseKeyRing(`v1:${Buffer.alloc(32, 1).toString('base64')}`))),
      new ChangeLocks(database),
    );
  }

  done(name: string, input: object, asked: Asked = {}): Promise<Done> {
    const { as = OWNER, address = '192.0.2.1', nowMs = Date.now(), ...wishes } = asked;
    const call = { actor: as, requestId: 'req-1', nowMs, ...(address !== null && { address }) };
    return this.control.run(name, input, call, wishes);
  }

  async ask<Output extends object = Record<string, unknown>>(
    name: string,
    input: object = {},
    asked?: Asked,
  ): Promise<Output> {
    return (await this.done(name, input, asked)).output as Output;
  }

  /** Why it is refused; `ok` when it is not. */
  async codeOf(name: string, input: object, asked?: Asked): Promise<string> {
    return (await this.refusalOf(name, input, asked)).replace(/:.*$/s, '');
  }

  /** Why it is refused, and in which words; `ok` when it is not. */
  refusalOf(name: string, input: object, asked?: Asked): Promise<string> {
    return this.done(name, input, asked).then(
      () => 'ok',
      (thrown: unknown) => {
        if (thrown instanceof ControlError) return `${thrown.code}: ${thrown.message}`;
        throw thrown;
      },
    );
  }

  /** What the audit has, the oldest first. */
  events(action: string): Promise<Record<string, unknown>[]> {
    return this.database.query('SELECT * FROM audit_event WHERE action = $1 ORDER BY seq', [action]);
  }

  /** All that the audit has, in one text. */
  async trail(): Promise<string> {
    return JSON.stringify(await this.database.query('SELECT to_jsonb(audit_event) FROM audit_event'));
  }
}

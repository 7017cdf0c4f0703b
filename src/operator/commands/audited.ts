import { userInfo } from 'node:os';
import { auditDetails, AuditService, type AuditActor, type AuditTarget } from '../../audit/index.js';
import { withServices, type CommandContext, type Services } from './context.js';

interface AuditedAction {
  /** `<thing>.<verb>` */
  readonly action: string;
  readonly target: AuditTarget;
  /** What the command line says. */
  readonly asked?: object;
}

/** What a command finds out about its action while it does it. */
export interface Trail {
  /** What it is about, once that was found or made. */
  about(target: AuditTarget): void;
  before(state: object): void;
  after(state: object): void;
}

/**
 * Run a command that changes something: the audit has it before anything is changed, and what came of it afterwards.
 * Nothing is done while the audit cannot be written.
 */
export function audited<T>(
  context: CommandContext,
  { action, target, asked = {} }: AuditedAction,
  work: (services: Services, trail: Trail) => Promise<T>,
): Promise<T> {
  return withServices(context, async (services) => {
    const details = auditDetails({ asked });
    const entry = await services.get(AuditService).begin({ actor: localActor(), action, target, details });
    const found: { target: AuditTarget; before?: object; after?: object } = { target };
    const trail: Trail = {
      about: (about) => void (found.target = about),
      before: (state) => void (found.before = state),
      after: (state) => void (found.after = state),
    };
    const result = await work(services, trail).catch(async (error: unknown) => {
      await entry.failed(error instanceof Error ? error.name : 'unknown');
      throw error;
    });
    const { target: about, ...states } = found;
    await entry.succeeded(about, auditDetails(states));
    return result;
  });
}

/** Whoever is logged in at the machine; in a container there may be no name for them. */
function localActor(): AuditActor {
  const label = localUser();
  return { kind: 'local', id: label, label };
}

export function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** At what a gateway may be killed, in the order in which a call comes to it. */
export const GATEWAY_STEPS = ['received', 'intended', 'sent', 'before-outbox', 'after-outbox'] as const;
export const WORKER_STEPS = [
  'worker-before-commit',
  'worker-after-commit',
  'roll-up-before-commit',
  'roll-up-after-commit',
] as const;
export type Step = (typeof GATEWAY_STEPS)[number] | (typeof WORKER_STEPS)[number];

/** How far calls have come that stand by when their gateway is killed at a step of others. */
export const STANDING = ['asked', 'created', 'streaming', 'settled'] as const;
export type Stage = (typeof STANDING)[number] | Step;

/** A call whose process dies, or whose worker. */
export interface Doomed {
  readonly id: string;
  readonly stage: Stage;
  /** From when on its ledger row is due, Unix time in milliseconds. */
  killedAtMs: number;
  /** Whether its settlement had been committed, to the outbox or beyond, when its process was killed. */
  kept: boolean;
  /** What its client had read when the connection broke, or all of it. */
  read: string;
}

/** Never sent to anybody. */
export const UNSENT: readonly Stage[] = ['received'];
/** Sent, and nobody knows how it went on. */
export const CUT: readonly Stage[] = ['asked', 'created', 'streaming', 'intended'];
/** Over for the client, and its settlement was nowhere but in the memory of the process. */
export const UNWRITTEN: readonly Stage[] = ['sent', 'before-outbox'];
export const WRITTEN: readonly Stage[] = ['settled', 'after-outbox', ...WORKER_STEPS];
/** All that their gateways had let in. */
export const ACCEPTED: readonly Stage[] = [...CUT, ...UNWRITTEN, ...WRITTEN];

/** No answer has begun. */
export const isEarly = (step: Step): boolean => step === 'received' || step === 'intended';
export const isRollUp = (step: Step): boolean => step.startsWith('roll-up');
export const isWorkers = (step: Step): boolean => WORKER_STEPS.some((each) => each === step);

/** The operator asked for a key, or a rule for one, that cannot be made; `message` says why and quotes no secret. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused';
}

/** It would make sense, but not beside what is there already: a name is taken, or a key was revoked. */
export class KeyConflict extends KeyRefused {}

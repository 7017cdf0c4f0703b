import { readFileSync } from 'node:fs';
import { isLoopback } from '../../auth/index.js';
import { CommandFailed } from '../commands/context.js';

/** Where operations are done for commands, and by whose right. */
export interface RemoteGateway {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string;
}

interface Wanted {
  readonly POOLER_URL?: string | undefined;
  readonly POOLER_TOKEN?: string | undefined;
  readonly POOLER_TOKEN_FILE?: string | undefined;
  readonly POOLER_INSECURE?: boolean | undefined;
}

const TOKEN = /^opr-cxp-[0-9a-f]{12}-[A-Za-z0-9_-]{43}$/;

/**
 * What the environment says of the gateway that commands ask. The token is in no option: command lines are in the
 * history of a shell, and everybody on the machine can read them.
 *
 * @returns undefined where it names none
 * @throws CommandFailed
 */
export function remoteGateway(environment: Wanted): RemoteGateway | undefined {
  const { POOLER_URL, POOLER_INSECURE = false } = environment;
  if (POOLER_URL === undefined) return undefined;
  const { protocol, hostname, username, password } = new URL(POOLER_URL);
  if (username !== '' || password !== '') throw new CommandFailed('POOLER_URL takes no user and no password.');
  if (protocol === 'http:' && !isLoopback(hostname) && !POOLER_INSECURE) {
    throw new CommandFailed(
      'POOLER_URL is http:// and not this machine: everybody on the way could read the token. Use https://, or set POOLER_INSECURE=1.',
    );
  }
  return { url: POOLER_URL.replace(/\/+$/, ''), token: tokenOf(environment) };
}

function tokenOf({ POOLER_TOKEN, POOLER_TOKEN_FILE }: Wanted): string {
  if (POOLER_TOKEN !== undefined && POOLER_TOKEN_FILE !== undefined) {
    throw new CommandFailed('Set one of POOLER_TOKEN and POOLER_TOKEN_FILE.');
  }
  const token = POOLER_TOKEN_FILE === undefined ? POOLER_TOKEN : contentOf(POOLER_TOKEN_FILE);
  if (token === undefined)
    throw new CommandFailed('POOLER_URL needs an operator token: POOLER_TOKEN_FILE or POOLER_TOKEN.');
  if (!TOKEN.test(token))
    throw new CommandFailed('That is no operator token: those read opr-cxp-<12 hex digits>-<43 characters>.');
  return token;
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new CommandFailed('The file of POOLER_TOKEN_FILE cannot be read.');
  }
}

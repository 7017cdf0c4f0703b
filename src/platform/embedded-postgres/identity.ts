import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** As whom the server runs. PostgreSQL refuses to run as root. */
export interface Identity {
  readonly credentials: { readonly uid?: number; readonly gid?: number };
  /** The command line that runs `command` under this identity. */
  wrap(command: string, args: readonly string[]): [string, string[]];
  /** Gives a file or folder that we made to this identity. */
  own(path: string): void;
}

/**
 * Ourselves, when we are not root. As root: the owner of an existing data folder, else `postgres` or `nobody`, else,
 * where those may not enter the folders, root mapped to another id in a user namespace of its own.
 *
 * @param binary  the `postgres` to run
 * @param dataDir need not exist; the folder that holds it must
 * @throws Error with what to do, when none of them can run the binary and reach the folder
 */
export function chooseIdentity(binary: string, dataDir: string): Identity {
  const owner = existsSync(dataDir) ? statSync(dataDir) : undefined;
  const uid = process.getuid?.();
  if (uid !== 0) {
    if (owner === undefined || owner.uid === uid) return ourselves;
    throw new Error(`${dataDir} belongs to another user (uid ${owner.uid}): start as that user, or as root.`);
  }
  const accounts = owner === undefined ? namedAccounts() : owner.uid === 0 ? [] : [owner];
  for (const account of accounts) {
    const credentials = { uid: account.uid, gid: account.gid };
    const may = (command: string, args: string[]) =>
      spawnSync(command, args, { ...credentials, cwd: '/', stdio: 'ignore' }).status === 0;
    if (may(binary, ['--version']) && may('test', ['-x', dirname(dataDir)])) return dropped(credentials);
  }
  const [command, args] = inNamespace.wrap(binary, ['--version']);
  if (spawnSync(command, args, { cwd: '/', stdio: 'ignore' }).status === 0) return inNamespace;
  throw new Error(
    'PostgreSQL does not run as root, and neither another user nor a user namespace can run it here: put the project ' +
      'and DATA_DIR where other users may enter, start as a normal user, or set DATABASE_URL.',
  );
}

const asIs = (command: string, args: readonly string[]): [string, string[]] => [command, [...args]];

const ourselves: Identity = { credentials: {}, wrap: asIs, own: () => undefined };

const inNamespace: Identity = {
  credentials: {},
  wrap: (command, args) => ['unshare', ['--user', '--map-user=1', '--map-group=1', command, ...args]],
  own: () => undefined,
};

const dropped = (credentials: { uid: number; gid: number }): Identity => ({
  credentials,
  wrap: asIs,
  own: (path) => chownSync(path, credentials.uid, credentials.gid),
});

function namedAccounts(): { uid: number; gid: number }[] {
  if (!existsSync('/etc/passwd')) return [];
  const rows = readFileSync('/etc/passwd', 'utf8').split('\n');
  const named = (name: string) => rows.map((row) => row.split(':')).filter((row) => row[0] === name);
  return ['postgres', 'nobody'].flatMap(named).map((row) => ({ uid: Number(row[2]), gid: Number(row[3]) }));
}

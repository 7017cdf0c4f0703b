import { Option, type Command } from 'commander';
import { CommandFailed, type CommandContext, type Role } from './context.js';

interface ServeOptions {
  readonly role: Role;
  readonly importAuth: boolean;
  readonly local?: true;
  readonly host?: string;
  readonly port?: string;
  readonly apiKey?: string;
  readonly allowUnauthenticated?: true;
  readonly authJson?: string;
  readonly defaultModel?: string;
  /** `--no-relay` makes it false. */
  readonly relay: boolean;
}

export function serveCommand(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('run the gateway and the worker in one process, or one of them')
    .addOption(new Option('--role <role>', 'what to run').choices(['all', 'gateway', 'worker']).default('all'))
    .option('--import-auth', 'import the Codex login of this machine ($CODEX_HOME or ~/.codex)', false)
    .option('--host <host>', 'address to listen on (HOST; 127.0.0.1)')
    .option('--port <port>', 'port to listen on (PORT; 4000, with --local 18080)')
    .option('--local', 'serve yourself with the Codex login of this machine, without keys')
    .option('--api-key <key>', 'with --local: ask for this key (better in API_KEY: others can read command lines)')
    .option('--allow-unauthenticated', 'with --local: listen to more than this machine although no key is asked for')
    .option('--auth-json <file>', 'with --local: the login, in place of the one in $CODEX_HOME or ~/.codex')
    .option('--default-model <model>', 'with --local: for requests that name none')
    .option('--no-relay', 'with --local: answer 404 on unknown paths below /v1, in place of asking the upstream')
    .action(async (options: ServeOptions) => {
      const local = localVariables(options);
      if (!isEmpty(local) && options.local !== true && context.config().MODE !== 'local') {
        throw new CommandFailed('That needs --local as well: a server has keys, accounts and Pools of its own.');
      }
      const variables = { ...present({ HOST: options.host, PORT: options.port }), ...local };
      const mode = options.local === true ? { MODE: 'local' } : {};
      await context.serve(options.role, { importAuth: options.importAuth, variables: { ...variables, ...mode } });
    });
}

/** What is said on the command line of local mode, by the names that the environment has for it. */
const localVariables = (options: ServeOptions): Record<string, string> =>
  present({
    API_KEY: options.apiKey,
    ALLOW_UNAUTHENTICATED: options.allowUnauthenticated && 'true',
    AUTH_JSON: options.authJson,
    DEFAULT_MODEL: options.defaultModel,
    RELAY_UNKNOWN_V1: options.relay ? undefined : 'false',
  });

const isEmpty = (variables: object): boolean => Object.keys(variables).length === 0;

const present = (given: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined));

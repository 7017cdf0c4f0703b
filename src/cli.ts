#!/usr/bin/env node
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandContext, isMigrated, NOT_MIGRATED } from './command-context.js';
import { answersAt, greeting, localGreeting } from './greeting.js';
import { commandLine, FirstStartService, runCommandLine, type StartReport } from './operator/index.js';
import { loadConfig } from './platform/config/index.js';
import { withAdvisoryLock } from './platform/database/index.js';
import { run } from './run.js';
import { interrupted, say } from './terminal.js';

const out = (text: string): void => say(text, process);

const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string };

const program = commandLine(
  {
    ...commandContext(loadConfig, process),
    serve: (role, { importAuth, variables }) => {
      const config = loadConfig(undefined, variables);
      // Anybody on the machine can read a command line, also that of a running process.
      if (variables['API_KEY'] !== undefined) process.title = 'codex-pooler';
      if (role === 'worker')
        return run({ role, config, onServing: ({ url }) => out(`codex-pooler worker: ${url}/readyz`) });
      let report: StartReport | undefined;
      return run({
        role,
        config,
        prepare: async (app, databaseUrl) => {
          const start = app.get(FirstStartService, { strict: false });
          const wishes = { importAuth, firstPool: role === 'all' && config.MODE === 'server' };
          if (!(await isMigrated(app))) {
            // It waits for `migrate`, unready, unless there is something to store before that.
            if (importAuth || config.SEED_FILE !== undefined) throw new Error(NOT_MIGRATED);
            return;
          }
          // Replicas that start together must not make the same key twice.
          report = await withAdvisoryLock(databaseUrl, 'codex-pooler start', () => start.prepare(wishes));
        },
        onServing: ({ url, local }) => {
          const lines = report ? greeting(url, report) : [answersAt(url), NOT_MIGRATED];
          for (const line of local ? localGreeting(url, local, report?.minted) : lines) out(line);
        },
      });
    },
    interrupted,
  },
  version,
);

void runCommandLine(program, process.argv.slice(2), process).then((code) => {
  if (code !== 0) process.exit(code);
});

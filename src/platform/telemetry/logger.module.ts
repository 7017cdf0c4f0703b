import type { DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { stdTimeFunctions, type DestinationStream, type LogFn, type Logger } from 'pino';
import type { Config } from '../config/index.js';
import { safeError } from './safe-error.js';
import { tracedLine } from './trace-context.js';

/**
 * JSON logs. Nothing of a request is logged by itself: no middleware runs on any route, so a line holds only what some
 * code named, and errors are reduced to the fields of `safeError`.
 */
export function loggerModule(config: Config, destination?: DestinationStream): DynamicModule {
  const options = {
    level: config.LOG_LEVEL,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    autoLogging: false,
    hooks: { logMethod: quietly },
    mixin: tracedLine,
    serializers: { err: safeError, error: safeError, req: () => undefined, res: () => undefined },
  };
  return LoggerModule.forRoot({ pinoHttp: [options, destination ?? standardOutput], forRoutes: [] });
}

/**
 * Not pino's own writer of file descriptor 1: when whoever reads our output has gone, that one tries for ever to write
 * its last lines, and the process could not end.
 */
const standardOutput: DestinationStream = { write: (line) => void process.stdout.write(line) };

/** What Nest says of each module and route at every start: forty lines that bury the few worth reading. */
const START_UP: ReadonlySet<unknown> = new Set(['InstanceLoader', 'RouterExplorer', 'RoutesResolver']);
const DEBUG = 20;

function quietly(this: Logger, inputArgs: Parameters<LogFn>, method: LogFn): void {
  const [fields]: readonly unknown[] = inputArgs;
  const context = typeof fields === 'object' && fields !== null && 'context' in fields ? fields.context : undefined;
  if (START_UP.has(context) && this.levelVal > DEBUG) return;
  method.apply(this, inputArgs);
}

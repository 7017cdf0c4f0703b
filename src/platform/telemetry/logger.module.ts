import type { DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { stdTimeFunctions, type DestinationStream } from 'pino';
import type { Config } from '../config/index.js';
import { safeError } from './safe-error.js';

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
    serializers: { err: safeError, error: safeError, req: () => undefined, res: () => undefined },
  };
  return LoggerModule.forRoot({ pinoHttp: destination ? [options, destination] : options, forRoutes: [] });
}

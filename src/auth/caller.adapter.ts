import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../core/index.js';
import { keyMissing } from './key-record.js';

/** The `Principal` that the ingress found. @throws GatewayError on a path that the ingress does not authenticate */
export const Caller = createParamDecorator((_: undefined, context: ExecutionContext): Principal => {
  const caller = context.switchToHttp().getRequest<FastifyRequest>().ingress?.caller;
  if (!caller) throw keyMissing();
  return caller;
});

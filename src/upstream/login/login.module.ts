import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { QUEUES, QueueModule } from '../../platform/queue/index.js';
import { UpstreamModule } from '../upstream.module.js';
import { LoginCompletion } from './login-completion.service.js';
import { LoginFlow } from './login-flow.entity.js';
import { LoginFlowRepository } from './login-flow.repository.js';
import { LoginFlows } from './login-flows.service.js';
import { LoginPolls } from './login-polls.service.js';

/** Signing in to upstream accounts from here. */
@Module({
  imports: [TypeOrmModule.forFeature([LoginFlow]), QueueModule.forFeature([QUEUES.tokenRefresh]), UpstreamModule],
  providers: [LoginFlowRepository, LoginCompletion, LoginFlows, LoginPolls],
  exports: [LoginFlows, LoginPolls],
})
export class LoginModule {}

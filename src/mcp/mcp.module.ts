import { Module } from '@nestjs/common';
import { AuthModule, IngressModule } from '../auth/index.js';
import { ControlModule } from '../control/index.js';
import { McpAdmission } from './mcp-admission.service.js';
import { McpController } from './mcp.controller.js';
import { McpDoor } from './mcp-door.service.js';

/** The door for models: what operators can see, as tools. */
@Module({
  imports: [AuthModule, ControlModule, IngressModule],
  controllers: [McpController],
  providers: [McpAdmission, McpDoor],
  exports: [McpAdmission],
})
export class McpModule {}

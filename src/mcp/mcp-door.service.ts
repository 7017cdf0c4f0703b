import type { IncomingHttpHeaders } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CredentialThrottle, OperatorTokenService, type OperatorPrincipal } from '../auth/index.js';
import { ControlService, type Actor, type OperationCall } from '../control/index.js';
import { GATEWAY_VERSION, GatewayError, type OperatorScope } from '../core/index.js';
import { CONFIG, type Config } from '../platform/config/index.js';
import { safeError } from '../platform/telemetry/index.js';
import { McpAdmission } from './mcp-admission.service.js';
import { busy } from './protocol/before-body.js';
import { mcpDialect } from './protocol/dialect.js';
import { rendered, RPC } from './protocol/json-rpc.js';
import { McpRefused, messageIn, parsedBody, type Message } from './protocol/message.js';
import { checkNegotiation } from './protocol/negotiation.js';
import { spokenIn, type Spoken } from './protocol/version.js';
import { ToolBox } from './tool-box.js';
import { ToolServer, type Answer } from './tool-server.js';
import type { ToolCall } from './tool.js';
import { TOOLS } from './tools/index.js';

/** A request whose body was read. */
export interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly requestId: string;
  readonly address?: string;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
}

/** What a request to the MCP endpoint comes to, from its first byte of JSON on. Source: runtime contract §13. */
@Injectable()
export class McpDoor {
  private readonly log = new Logger('McpDoor');
  private readonly server = new ToolServer(new ToolBox(TOOLS), GATEWAY_VERSION, (error) =>
    this.log.error({ msg: 'a tool failed', error: safeError(error) }),
  );

  constructor(
    private readonly admission: McpAdmission,
    private readonly tokens: OperatorTokenService,
    private readonly throttle: CredentialThrottle,
    private readonly control: ControlService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'MCP_ENABLED'>,
  ) {}

  async answer(asked: Asked): Promise<Answer> {
    try {
      const body = parsedBody(asked.body);
      checkNegotiation(asked.headers);
      const message = messageIn(body);
      const spoken = spokenIn(message, versionHeaders(asked.headers));
      return (await this.admission.within(() => this.served(asked, message, spoken))) ?? busy();
    } catch (thrown) {
      if (thrown instanceof McpRefused) return rendered(thrown.refused);
      throw thrown;
    }
  }

  private async served(asked: Asked, message: Message, spoken: Spoken): Promise<Answer> {
    const { id = null } = message;
    try {
      const asker = await this.askerOf(asked);
      if (!asker) {
        const headers = { 'www-authenticate': 'Bearer' };
        return rendered({ status: 401, code: RPC.server, message: 'A bearer token is required.', id, headers });
      }
      if (asker === 'disabled') {
        return rendered({ status: 403, code: RPC.server, message: 'This token is disabled.', id });
      }
      if (!this.config.MCP_ENABLED) {
        return rendered({ status: 403, code: RPC.server, message: 'This endpoint is switched off.', id });
      }
      return await this.server.answer(message, spoken, this.callOf(asker, asked, spoken));
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown;
      const refused = mcpDialect.renderError(thrown, asked.nowMs);
      return { ...refused, body: { ...(refused.body as object), id } };
    }
  }

  /** Nothing but the one header counts: no Pool API key, cookie, query or header of another name. */
  private askerOf({ headers, address, nowMs }: Asked): Promise<OperatorPrincipal | 'disabled' | undefined> {
    const { authorization: credential } = headers;
    return this.throttle.tried({ door: 'mcp', address, credential }, nowMs, () =>
      this.tokens.verdict(credential, nowMs, 'mcp'),
    );
  }

  private callOf(asker: OperatorPrincipal, { requestId, address, nowMs }: Asked, { version }: Spoken): ToolCall {
    const call: OperationCall = {
      actor: actorOf(asker),
      requestId,
      nowMs,
      ...(address === undefined ? {} : { address }),
    };
    const ask: ToolCall['ask'] = async (operation, input = {}, wishes = {}) =>
      (await this.control.run(operation, input, call, wishes)).output;
    return { asker, version, nowMs, ask };
  }
}

const versionHeaders = (headers: IncomingHttpHeaders) => ({
  version: single(headers['mcp-protocol-version']),
  method: single(headers['mcp-method']),
  name: single(headers['mcp-name']),
});

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(', ') : header;

/** What the endpoint's own scopes stand for among the operations. */
const STANDS_FOR: Partial<Record<OperatorScope, readonly OperatorScope[]>> = {
  'mcp:read': ['read'],
  'mcp:write': ['read', 'accounts:write'],
};

const actorOf = ({ tokenId, label, scopes, poolIds }: OperatorPrincipal): Actor => ({
  kind: 'token',
  id: tokenId,
  label,
  scopes: new Set([...scopes].flatMap((scope) => STANDS_FOR[scope] ?? [])),
  ...(poolIds === undefined ? {} : { poolIds }),
});

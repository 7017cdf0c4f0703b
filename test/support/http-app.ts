import type { AddressInfo } from 'node:net';
import { Logger, Module, type DynamicModule, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Dialect } from '../../src/core/index.js';
import { ConfigModule, loadConfig } from '../../src/platform/config/index.js';
import {
  bodyLimits,
  createHttpAdapter,
  GatewayErrorFilter,
  HttpModule,
  LiveStreams,
  registerIngress,
  UpgradeAdapter,
  type BodyLimits,
  type IngressStep,
} from '../../src/platform/http/index.js';

interface HttpAppOptions {
  readonly controllers?: readonly Type[];
  /** Websocket gateways. */
  readonly gateways?: readonly Type[];
  readonly imports?: readonly (Type | DynamicModule)[];
  readonly steps?: readonly IngressStep[] | ((app: INestApplicationContext) => readonly IngressStep[]);
  readonly env?: Readonly<Record<string, string>>;
  readonly limits?: Partial<BodyLimits>;
}

export interface HttpApp {
  readonly app: NestFastifyApplication;
  readonly port: number;
  readonly url: string;
}

/** The plainest dialect there can be: the envelope of the contract, §4.1. */
const plainDialect: Dialect = {
  name: 'plain',
  renderError: ({ status, message, code, detail }) => ({
    status,
    headers: {},
    body: detail.relay?.body ?? {
      error: { message, type: 'invalid_request_error', code, param: detail.param ?? null },
    },
  }),
  renderStreamError: ({ code }) => `data: ${code}\n\n`,
};

/** The envelope of one refusal, whatever it says. */
export const refusal = (code: string, param: string | null = null) => ({
  error: { message: expect.any(String) as string, type: 'invalid_request_error', code, param },
});

/** A listening application with nothing in it but the HTTP front and the given controllers. */
export async function httpApp(options: HttpAppOptions): Promise<HttpApp> {
  const { controllers = [], gateways = [], imports = [], steps = [], env = {}, limits = {} } = options;
  const config = loadConfig({ ...env });
  @Module({
    imports: [ConfigModule.forRoot(config), HttpModule, ...imports],
    controllers: [...controllers],
    providers: [...gateways],
  })
  class HttpAppModule {}

  Logger.overrideLogger(false);
  const adapter = createHttpAdapter(config, { ...bodyLimits(config), ...limits });
  const app = await NestFactory.create<NestFastifyApplication>(HttpAppModule, adapter, {
    bodyParser: false,
    logger: false,
  });
  const live = app.get(LiveStreams);
  const list = typeof steps === 'function' ? steps(app) : steps;
  const dialectFor = (): Dialect => plainDialect;
  registerIngress(app.getHttpAdapter().getInstance(), list, () => live.draining);
  app.useWebSocketAdapter(
    new UpgradeAdapter(app.getHttpServer(), {
      steps: list,
      refusing: () => live.refusing,
      dialectFor,
      maxFrameBytes: config.JSON_LIMIT_BYTES,
    }),
  );
  app.useGlobalFilters(new GatewayErrorFilter(dialectFor));
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, port, url: `http://127.0.0.1:${port}` };
}

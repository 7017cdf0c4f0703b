import { z } from 'zod';
import { SUPPORTED_VERSIONS } from '../protocol/versions.js';
import { tool } from '../tool.js';

const gate = z.strictObject({ enabled: z.boolean() });

/** Answers only where both gates are open: it shows that, and who it takes the asker for. */
export const serviceStatus = (toolCount: () => number) =>
  tool({
    name: 'get_mcp_service_status',
    title: 'Status of this endpoint',
    description: 'Whether this endpoint serves, whom it takes you for, and what it speaks.',
    effect: 'reads',
    input: z.strictObject({}),
    output: z.strictObject({
      globalGate: gate,
      accountGate: gate,
      actor: z.strictObject({
        id: z.string(),
        display_name: z.string(),
        email: z.null().describe('tokens have no address'),
        status: z.literal('active'),
      }),
      protocolVersion: z.string(),
      supportedProtocolVersions: z.array(z.string()),
      supportedToolCount: z.int(),
    }),
    run: (_, { asker, version }) =>
      Promise.resolve({
        text: `The endpoint serves ${asker.label}.`,
        content: {
          globalGate: { enabled: true },
          accountGate: { enabled: true },
          actor: { id: asker.tokenId, display_name: asker.label, email: null, status: 'active' as const },
          protocolVersion: version,
          supportedProtocolVersions: [...SUPPORTED_VERSIONS],
          supportedToolCount: toolCount(),
        },
      }),
  });

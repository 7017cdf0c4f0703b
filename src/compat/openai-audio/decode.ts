import { CallBody, GatewayError, type RoutedCall } from '../../core/index.js';
import type { Form } from '../../platform/http/index.js';
import type { Received } from '../received.js';
import { TRANSCRIBER, transcriptionForm, transcriptionIn } from '../transcription-form.js';

/** A transcription, and how its client wants to read it. */
export interface AskedTranscription {
  readonly call: RoutedCall;
  readonly format: 'json' | 'text';
}

/** Names of OpenAI's for what the one model does here. */
const MODELS: ReadonlySet<string> = new Set([TRANSCRIBER, 'gpt-transcribe', 'gpt-4o-mini-transcribe', 'whisper-1']);
const FIELDS: ReadonlySet<string> = new Set([
  'model',
  'language',
  'prompt',
  'response_format',
  'temperature',
  'keywords',
  'keywords[]',
  'languages',
  'languages[]',
]);
const MAX_PARAM_LENGTH = 100;
const PREFIX = /^openai\//i;

/**
 * `POST /v1/audio/transcriptions` as a routed call. Source: runtime contract §11.2.
 *
 * @param boundary of the form that goes upstream; must not occur in the file
 * @throws GatewayError with the field that is wrong
 */
export function decodeTranscription(form: Form, boundary: string, received: Received): AskedTranscription {
  const { fields } = form;
  const unknown = fields.find(([name]) => !FIELDS.has(name));
  if (unknown) throw unsupported(unknown[0].slice(0, MAX_PARAM_LENGTH), 'This field is not supported.');
  const blank = fields.find(([name, value]) => isList(name) && value.trim() === '');
  if (blank) throw invalid(blank[0], `the entries of ${blank[0].replace('[]', '')} must not be blank`);
  requireModel(valueOf(form, 'model'));
  const format = formatOf(valueOf(form, 'response_format'));
  const { contentType, bytes } = transcriptionForm(transcriptionIn(form), boundary);
  const { id, requestId, receivedAtMs, route, transport } = received;
  const call: RoutedCall = {
    ...{ id, requestId, receivedAtMs, route, transport, contentType },
    dialect: 'openai',
    operation: 'transcribe',
    model: TRANSCRIBER,
    stream: false,
    headers: {},
    body: new CallBody(bytes),
  };
  return { call, format };
}

const isList = (name: string): boolean => /^(keywords|languages)(\[\])?$/.test(name);

const valueOf = ({ fields }: Form, wanted: string): string | undefined =>
  fields.find(([name]) => name === wanted)?.[1].trim();

function requireModel(given = ''): void {
  const name = given.replace(PREFIX, '').toLowerCase();
  if (name === '') throw invalid('model', 'model is required');
  if (MODELS.has(name)) return;
  throw new GatewayError('invalid_model', 'This model does not transcribe.', { param: 'model' });
}

function formatOf(given = 'json'): AskedTranscription['format'] {
  if (given === 'json' || given === 'text') return given;
  throw unsupported('response_format', 'response_format must be json or text');
}

const unsupported = (param: string, message: string): GatewayError =>
  new GatewayError('unsupported_parameter', message, { param });
const invalid = (param: string, message: string): GatewayError =>
  new GatewayError('invalid_request', message, { param });

import { asFields } from '../../core/index.js';
import { ANY_ITEM, isList, isNamed, isObject, isString, type Check, type Shape } from './item-shape.js';

const MAX_CALL_ID_LENGTH = 64;
const MAX_SKILLS = 200;
const MAX_SHELL_OUTPUT_LENGTH = 10_485_760;

const isAnything: Check = () => true;
const isNumber: Check = (given) => typeof given === 'number';
const isOneOf =
  (...words: readonly string[]): Check =>
  (given) =>
    words.some((word) => word === given);
/** An object with these fields alone, each as it has to be. */
const isExactly =
  (fields: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  (given) => {
    const object = asFields(given);
    if (object === undefined) return false;
    const isKnown = Object.entries(object).every(([name, value]) => {
      const check = [fields, optional].find((checks) => Object.hasOwn(checks, name))?.[name];
      return check?.(value) === true;
    });
    return isKnown && Object.keys(fields).every((name) => Object.hasOwn(object, name));
  };
const isEither =
  (...checks: readonly Check[]): Check =>
  (given) =>
    checks.some((check) => check(given));

const isStatus = isOneOf('completed', 'incomplete', 'in_progress');
const isOutput = isEither(isString, isList(isObject));
const isCaller = isEither(
  isExactly({ type: isOneOf('direct') }),
  isExactly({ type: isOneOf('program'), caller_id: isString }),
);
const isShellCallId: Check = (given) => isNamed(given) && (given as string).length <= MAX_CALL_ID_LENGTH;
const isShellText: Check = (given) => typeof given === 'string' && given.length <= MAX_SHELL_OUTPUT_LENGTH;
const isAction = isExactly({ commands: isList(isString) }, { timeout_ms: isNumber, max_output_length: isNumber });
const isEnvironment = isEither(
  isExactly({ type: isOneOf('local') }, { skills: (given) => Array.isArray(given) && given.length <= MAX_SKILLS }),
  isExactly({ type: isOneOf('container_reference'), container_id: isString }),
);
const isShellOutput = isExactly({
  stdout: isShellText,
  stderr: isShellText,
  outcome: isEither(isExactly({ type: isOneOf('exit'), exit_code: isNumber }), isExactly({ type: isOneOf('timeout') })),
});
const isTextOf = (type: string): Check => isExactly({ type: isOneOf(type), text: isString });

const shape = (required: Shape['required'], optional: Shape['optional'] = {}): Shape => ({
  required,
  optional: { ...ANY_ITEM, ...optional },
});
const exact = (required: Shape['required'], optional: Shape['optional'] = {}): Shape => ({ required, optional });

const COMPACTION = shape({ encrypted_content: isNamed }, { created_by: isAnything });

/** Every item that is no message, and what it may say. Source: runtime contract §10.2.3. */
export const SHAPES: ReadonlyMap<unknown, Shape> = new Map<unknown, Shape>([
  [
    'reasoning',
    shape(
      {},
      {
        summary: isList(isTextOf('summary_text')),
        content: isList(isTextOf('reasoning_text')),
        encrypted_content: isString,
        status: isStatus,
      },
    ),
  ],
  ['compaction', COMPACTION],
  ['compaction_summary', COMPACTION],
  ['compaction_trigger', exact({})],
  [
    'function_call',
    shape(
      { call_id: isNamed, name: isNamed, arguments: isString },
      {
        namespace: isString,
        caller: isCaller,
        status: isStatus,
        encrypted_function_args: isList(isString),
        parsed_arguments: isAnything,
      },
    ),
  ],
  [
    'function_call_output',
    shape(
      {},
      {
        call_id: isString,
        output: isOutput,
        result: isOutput,
        name: isString,
        namespace: isString,
        caller: isCaller,
        status: isStatus,
      },
    ),
  ],
  [
    'custom_tool_call',
    shape({ call_id: isNamed, name: isNamed, input: isString }, { status: isStatus, namespace: isString }),
  ],
  ['custom_tool_call_output', shape({ call_id: isNamed, output: isOutput }, { name: isString, status: isStatus })],
  ['program', exact({ id: isNamed, call_id: isNamed, code: isString, fingerprint: isString })],
  [
    'program_output',
    exact({ id: isNamed, call_id: isNamed, result: isString, status: isOneOf('completed', 'incomplete') }),
  ],
  [
    'shell_call',
    exact(
      { call_id: isShellCallId, action: isAction },
      { id: isString, caller: isCaller, status: isStatus, environment: isEnvironment },
    ),
  ],
  [
    'shell_call_output',
    exact(
      { call_id: isShellCallId, output: isList(isShellOutput) },
      { id: isString, caller: isCaller, status: isStatus, max_output_length: isNumber },
    ),
  ],
  ['item_reference', exact({ id: isNamed })],
  ['input_file', exact({}, { file_id: isString, file_url: isString, filename: isString, file_data: isString })],
  ['additional_tools', exact({ role: isOneOf('developer'), tools: Array.isArray }, { id: isString })],
]);

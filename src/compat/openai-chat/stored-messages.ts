import { asFields, asFieldsList, asText, type Fields } from '../../core/index.js';

/** What a stored completion says, as messages that can be listed: one for each choice. */
export function storedMessages(completion: Fields): readonly (Fields & { readonly id: string })[] {
  const completionId = asText(completion['id']) ?? '';
  return asFieldsList(completion['choices']).map((choice, place) => ({
    ...asFields(choice['message']),
    id: `${completionId}_msg_${typeof choice['index'] === 'number' ? choice['index'] : place}`,
  }));
}

/** What a client wants noted of a completion from now on; nothing when it says nothing. `undefined` when it is no object. */
export function newMetadata(body: Fields): Fields | undefined {
  const metadata = body['metadata'];
  return metadata === undefined || metadata === null ? {} : asFields(metadata);
}

/** What is written to the CLI, as its stream-json input has it: one object a line, whatever people wrote. */

type Line = Record<string, unknown>;

/** What a title is found for; the rest of a long prompt says little more. UTF-16 units. */
const TITLED_UNITS_MAX = 2_000;

/** An image as the desk hands it out. */
export interface PromptImage {
  /** `image/png`, … */
  readonly type: string;
  readonly bytes: Uint8Array;
}

export interface PromptParts {
  readonly text: string;
  readonly images: readonly PromptImage[];
  /** What its session must be told first; null: nothing. */
  readonly seed: string | null;
  /** Whether the CLI is to run the command that it begins with, and to read the files it mentions. */
  readonly isExpanded: boolean;
}

/** Images before the text, as the API's own guide has it. */
export function promptLine({ text, images, seed, isExpanded }: PromptParts, uuid: string): Line {
  const blocks = [
    ...(seed === null ? [] : [textBlock(seed)]),
    ...images.map(imageBlock),
    ...(text === '' ? [] : [textBlock(text)]),
  ];
  const isPlain = seed === null && images.length === 0;
  return {
    type: 'user',
    message: { role: 'user', content: isPlain ? text : blocks },
    parent_tool_use_id: null,
    // Text as written, unless it was looked at: no slash command is run, no @path read (CLI 2.1.330).
    client_composed: !isExpanded,
    uuid,
  };
}

export function requestLine(requestId: string, request: { subtype: string } & Line): Line {
  return { type: 'control_request', request_id: requestId, request };
}

export function titleRequest(prompt: string): { subtype: string } & Line {
  const description = prompt.slice(0, TITLED_UNITS_MAX);
  return { subtype: 'generate_session_title', description, persist: false };
}

export function answerLine(requestId: string, response: object): Line {
  return {
    type: 'control_response',
    response: { subtype: 'success', request_id: requestId, response },
  };
}

/** To a request that nobody here knows. */
export function refusalLine(requestId: string): Line {
  const error = 'This is not supported.';
  return { type: 'control_response', response: { subtype: 'error', request_id: requestId, error } };
}

function textBlock(text: string): Line {
  return { type: 'text', text };
}

function imageBlock({ type, bytes }: PromptImage): Line {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return { type: 'image', source: { type: 'base64', media_type: type, data } };
}

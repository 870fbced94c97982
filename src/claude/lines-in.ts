/** What is written to the CLI, as its stream-json input has it: one object a line, whatever people wrote. */

type Line = Record<string, unknown>;

/** What a title is found for; the rest of a long prompt says little more. UTF-16 units. */
const TITLED_UNITS_MAX = 2_000;

/** @param seed What its session must be told first; null: nothing. */
export function promptLine(prompt: string, seed: string | null, uuid: string): Line {
  const texts = seed === null ? [prompt] : [seed, prompt];
  const content = seed === null ? prompt : texts.map((text) => ({ type: 'text', text }));
  return {
    type: 'user',
    message: { role: 'user', content },
    parent_tool_use_id: null,
    // Text as written: no slash command is run and no @path is read for a web user (CLI 2.1.330).
    client_composed: true,
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

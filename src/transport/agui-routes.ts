/** The second door: what `/chat/ws` does for a run, as one POST whose answer streams. */
import type { IncomingMessage } from 'node:http';
import { FaultError } from '../faults.ts';
import { decodeFrame } from './decode.ts';
import { EventStream } from './event-stream.ts';
import type { Gate } from './gate.ts';
import { isJson, readBody } from './http.ts';
import type { RunInput } from './protocol.ts';
import type { Routes } from './router.ts';
import type { Door } from './websocket.ts';

export interface AguiRouteParts {
  readonly door: Door;
  readonly gate: Gate;
  readonly maxFrameBytes: number;
}

export function aguiRoutes({ door, gate, maxFrameBytes }: AguiRouteParts): Routes {
  const { visitor, refuseForeign } = gate;
  return {
    'POST /agui': async (request, response) => {
      refuseForeign(request);
      refuseForms(request);
      if ((await visitor(request, response)) === null) return;
      const input = runInputIn((await readBody(request, maxFrameBytes)).toString('utf8'));
      const stream = await door.openStream(
        request,
        response,
        (parts) => new EventStream({ ...parts, response, input }),
      );
      await stream.begin(lastEventIdIn(request));
    },
  };
}

/** A foreign page can send a form without asking first, and with our cookie; JSON it cannot. */
function refuseForms(request: IncomingMessage): void {
  if (!isJson(request))
    throw new FaultError('request.malformed', 'its Content-Type is not application/json');
}

function runInputIn(text: string): RunInput {
  const frame = decodeFrame(text);
  if ('type' in frame) throw new FaultError('request.malformed', 'it is not a RunAgentInput');
  return frame;
}

function lastEventIdIn({ headers }: IncomingMessage): string | null {
  const id = headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : null;
}

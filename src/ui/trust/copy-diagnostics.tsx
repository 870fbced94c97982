import { useState } from 'react';
import type { ChatClient } from '../chat/client.ts';
import { copied } from '../clipboard.ts';
import { words } from '../words/words.ts';
import { diagnostics, factsOf } from './diagnostics.ts';

/** Copies what somebody who helps needs to know; where the browser forbids it, it is shown to be copied by hand. */
export default function CopyDiagnostics({ client }: { client: ChatClient }) {
  const [state, setState] = useState<'new' | 'copied' | { byHand: string }>('new');
  const said = words.trust;
  const copy = async () => {
    const text = diagnostics(factsOf(client));
    setState((await copied(text)) ? 'copied' : { byHand: text });
  };
  return (
    <>
      <button type="button" className="button" onClick={() => void copy()}>
        {state === 'copied' ? said.copied : said.copy}
      </button>
      <span className="hidden" role="status">
        {state === 'copied' && said.copied}
      </span>
      {typeof state === 'object' && (
        <label className="by-hand">
          {said.copyHere}
          <textarea
            readOnly
            rows={8}
            value={state.byHand}
            onFocus={(e) => e.currentTarget.select()}
          />
        </label>
      )}
    </>
  );
}

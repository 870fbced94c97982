import { lazy, memo, Suspense, useState } from 'react';
import type { ToolItem } from '../chat/thread.ts';
import { editsIn, exactInput, toolInput, toolSummary } from '../chat/tool-summary.ts';
import { patiently } from '../patiently.ts';
import { words } from '../words/words.ts';
import { LongText } from './long-text.tsx';

/** Most cards are never opened, and few of those that are change a file. */
const Diff = lazy(patiently(() => import('./diff.tsx')));

/** A tool call in one line that opens to its whole input and result. */
export const ToolCard = memo(function ToolCard(props: { tool: ToolItem; threadId: string | null }) {
  const { tool, threadId } = props;
  const [isShown, setShown] = useState(false);
  return (
    <details
      className={`fold tool tool-${tool.state}`}
      onToggle={({ currentTarget }) => setShown(currentTarget.open)}
    >
      <summary>
        <span className="tool-name">{tool.name}</span>
        <span className="tool-summary">{toolSummary(tool.name, tool.args)}</span>
        <span className="tool-state">{words.view.tool[tool.denied ? 'denied' : tool.state]}</span>
      </summary>
      {isShown && <Body tool={tool} threadId={threadId} />}
    </details>
  );
});

function Body({ tool, threadId }: { tool: ToolItem; threadId: string | null }) {
  const input = toolInput(tool.args);
  const edits = input ? editsIn(tool.name, input) : [];
  return (
    <div className="fold-body">
      {edits.length > 0 ? (
        <Suspense fallback={<p className="quiet">{words.view.comparing}</p>}>
          {edits.map((edit, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a call's edits never change places
            <Diff key={index} edit={edit} />
          ))}
        </Suspense>
      ) : (
        <div className="tool-part">
          <h3 className="tool-label">{words.view.input}</h3>
          <LongText text={input ? exactInput(input).text : tool.args} />
        </div>
      )}
      {tool.denied && <p className="tool-denied">{tool.denied}</p>}
      {tool.result !== null && (
        <div className="tool-part">
          <h3 className="tool-label">{words.view.result}</h3>
          <LongText
            text={tool.result || words.view.noResult}
            whole={
              tool.fullLength === null || threadId === null
                ? null
                : { threadId, toolCallId: tool.id, length: tool.fullLength }
            }
          />
        </div>
      )}
    </div>
  );
}

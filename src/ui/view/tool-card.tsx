import { memo, useState } from 'react';
import type { ToolItem } from '../chat/thread.ts';
import { exactInput, toolInput, toolSummary } from '../chat/tool-summary.ts';

const STATE_WORDS: Record<ToolItem['state'], string> = {
  writing: 'preparing',
  running: 'running',
  asking: 'asks you',
  done: 'done',
  failed: 'failed',
  ended: 'no result',
};

/** A tool call in one line that opens to its whole input and result. */
export const ToolCard = memo(function ToolCard({ tool }: { tool: ToolItem }) {
  const [isShown, setShown] = useState(false);
  return (
    <details
      className={`fold tool tool-${tool.state}`}
      onToggle={({ currentTarget }) => setShown(currentTarget.open)}
    >
      <summary>
        <span className="tool-name">{tool.name}</span>
        <span className="tool-summary">{toolSummary(tool.args)}</span>
        <span className="tool-state">{STATE_WORDS[tool.state]}</span>
      </summary>
      {isShown && (
        <div className="fold-body">
          <ToolText label="Input" text={exactInput(toolInput(tool.args) ?? tool.args).text} />
          {tool.result !== null && <ToolText label="Result" text={tool.result || '(empty)'} />}
        </div>
      )}
    </details>
  );
});

function ToolText({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <h3 className="tool-label">{label}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it */}
      <pre className="plain" tabIndex={0}>
        {text}
      </pre>
    </div>
  );
}

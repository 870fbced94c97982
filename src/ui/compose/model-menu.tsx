import { useSelector } from '@xstate/react';
import type { Offers } from '../../transport/protocol.ts';
import type { Chosen } from '../chat/chat-view.ts';
import type { ChatClient } from '../chat/client.ts';
import { words } from '../words/words.ts';

interface ModelMenuProps {
  client: ChatClient;
  models: Offers['models'];
  chosen: Chosen | null;
  /** What the operator's default is called; null: not known. */
  standard: string | null;
}

/** Which model answers, and how long it may think. Two native lists: known to every keyboard and reader. */
export default function ModelMenu({ client, models, chosen, standard }: ModelMenuProps) {
  const wished = useWished(client);
  const now = { model: chosen?.model ?? null, effort: chosen?.effort ?? null, ...wished };
  const current = models.find(({ id }) => id === (now.model ?? standard));
  const efforts = current?.efforts ?? [];
  const isPending = wished !== null;
  return (
    <div className="choices" aria-busy={isPending}>
      <select
        aria-label={words.compose.model}
        value={now.model ?? ''}
        onChange={({ target }) => client.choose({ model: target.value || null, effort: null })}
      >
        <option value="">{defaultName(models, standard)}</option>
        {models
          .filter(({ id }) => id !== standard)
          .map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
      </select>
      {efforts.length > 0 && (
        <select
          aria-label={words.compose.effort}
          value={now.effort ?? ''}
          onChange={({ target }) => client.choose({ effort: target.value || null })}
        >
          <option value="">{words.compose.effort}</option>
          {efforts.map((effort) => (
            <option key={effort} value={effort}>
              {words.compose.effortOf(effort)}
            </option>
          ))}
        </select>
      )}
      <span className="hidden" role="status">
        {isPending ? words.compose.changing : ''}
      </span>
    </div>
  );
}

function defaultName(models: Offers['models'], standard: string | null): string {
  const known = models.find(({ id }) => id === standard);
  return known?.name ?? standard ?? words.compose.defaultModel;
}

/** What this page asked for and has no answer to yet. */
function useWished(client: ChatClient): Partial<Chosen> | null {
  const wishes = useSelector(client.connection, ({ context }) => context.outbox);
  const choices = wishes.flatMap((wish) =>
    'type' in wish && wish.type === 'choose' ? [wish] : [],
  );
  if (choices.length === 0) return null;
  return Object.assign({}, ...choices.map(({ type: _, ref: __, ...change }) => change));
}

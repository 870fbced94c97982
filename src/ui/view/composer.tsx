import {
  type KeyboardEvent,
  lazy,
  type RefObject,
  Suspense,
  useEffect,
  useLayoutEffect,
  useRef,
  useSyncExternalStore,
} from 'react';
import type { ChatView } from '../chat/chat-view.ts';
import type { ChatClient } from '../chat/client.ts';
import { liveRun, type Run } from '../chat/thread.ts';
import { recall } from '../compose/recall.ts';
import { LimitMeter } from '../limits/limit-meter.tsx';
import { patiently } from '../patiently.ts';
import { AttachButton } from './attach-button.tsx';
import { ContextMeter } from './context-meter.tsx';

const AttachmentStrip = lazy(patiently(() => import('../compose/attachment-strip.tsx')));
const CompletionList = lazy(patiently(() => import('../compose/completion-list.tsx')));
const ModelMenu = lazy(patiently(() => import('../compose/model-menu.tsx')));

interface ComposerProps {
  ref: RefObject<HTMLTextAreaElement | null>;
  client: ChatClient;
  view: ChatView;
  onSend: () => void;
}

/** Enter with this code belongs to an input method that is still composing. */
const COMPOSING_KEY = 229;

/** Where a prompt is written. Enter sends, Shift+Enter breaks the line, Escape stops a live answer. */
export function Composer({ ref, client, view, onSend }: ComposerProps) {
  const { draft, attachments, store } = client;
  const { welcome, threadId } = view;
  const offers = welcome?.offers;
  const text = useSyncExternalStore(draft.subscribe, draft.text);
  const images = useSyncExternalStore(attachments.subscribe, attachments.view);
  const isRunning = liveRun(view.runs) !== null;
  const over = welcome ? byteLength(text) - welcome.maxPromptBytes : 0;
  const isSendable =
    threadId !== null &&
    over <= 0 &&
    attachments.isSettled &&
    (text.trim() !== '' || images.length > 0);
  const recallKey = useRecall(view.runs, client);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return;
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight}px`;
  }, [ref, text]);

  // Wherever the focus is, Escape stops; in a menu or dialog of the browser it never gets here. It is heard at all
  // times: an effect runs after the paint, so one that came with the run would miss a key pressed at its first sight.
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key === 'Escape' && !event.isComposing) client.stop();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [client]);

  // Sent before the server has said which conversation this is: it goes as soon as that is known.
  // Not what has changed since: the person typed on, or what they had left unsent came back.
  const wanted = useRef<string | null>(null);
  const send = () => {
    if (isSendable) onSend();
    else wanted.current = threadId === null ? text : null;
  };
  useEffect(() => {
    if (wanted.current !== text) wanted.current = null;
    if (wanted.current === null || !isSendable) return;
    wanted.current = null;
    onSend();
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const isComposing = event.nativeEvent.isComposing || event.keyCode === COMPOSING_KEY;
    if (isComposing || recallKey(event) || event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    send();
  };
  const refused = (why: string) => store.notice(`image:${why}`, why);

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Suspense fallback={null}>
        {offers?.images && (
          <AttachmentStrip
            attachments={attachments}
            offer={offers.images}
            box={ref}
            onRefused={refused}
          />
        )}
        {offers && (
          <CompletionList box={ref} draft={draft} commands={offers.commands} threadId={threadId} />
        )}
      </Suspense>
      <label className="hidden" htmlFor="composer-text">
        Message to Claude
      </label>
      <textarea
        id="composer-text"
        ref={ref}
        rows={1}
        value={text}
        placeholder="Message Claude"
        enterKeyHint="send"
        aria-describedby="composer-hint"
        aria-invalid={over > 0}
        onChange={({ target }) => draft.set(target.value)}
        onKeyDown={onKeyDown}
        onFocus={() => client.warm()}
      />
      <div className="composer-row">
        {offers?.images && (
          <AttachButton attachments={attachments} offer={offers.images} onRefused={refused} />
        )}
        {offers && offers.models.length > 0 && (
          <Suspense fallback={null}>
            <ModelMenu
              client={client}
              models={offers.models}
              chosen={view.chosen}
              standard={welcome?.agent.model ?? null}
            />
          </Suspense>
        )}
        <ContextMeter context={view.context} />
        {welcome && <LimitMeter limits={welcome.limits} />}
        <p id="composer-hint" className={over > 0 ? 'hint over' : 'hint'}>
          {over > 0 ? (
            `Too long by ${over.toLocaleString()} bytes. Please shorten it.`
          ) : (
            <>
              <span>Enter sends</span>
              <span>, Shift+Enter breaks the line</span>
            </>
          )}
        </p>
        {isRunning && (
          <button type="button" className="button stop" onClick={() => client.stop()}>
            <span className="stop-mark" aria-hidden="true" />
            <span className="stop-word">Stop</span>
          </button>
        )}
        <button type="submit" className="button primary send" disabled={!isSendable}>
          Send
        </button>
      </div>
    </form>
  );
}

/** Takes ↑ and ↓ where the box is empty or shows an earlier prompt. True: the key was taken. */
function useRecall(runs: readonly Run[], { draft }: ChatClient): (event: KeyboardEvent) => boolean {
  const at = useRef<number | null>(null);
  return (event) => {
    const direction = { ArrowUp: 'up', ArrowDown: 'down' }[event.key] as 'up' | 'down' | undefined;
    if (!direction || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey)
      return false;
    const prompts = runs.flatMap(({ items }) =>
      items.flatMap((item) => (item.kind === 'user' && item.text !== '' ? [item.text] : [])),
    );
    const shown = draft.text();
    const next = recall(
      prompts,
      shown,
      shown === '' ? prompts.length : (at.current ?? 0),
      direction,
    );
    if (next === null) return false;
    at.current = next;
    draft.set(prompts[next] ?? '');
    event.preventDefault();
    return true;
  };
}

const encoder = new TextEncoder();

function byteLength(text: string): number {
  return encoder.encode(text).length;
}
